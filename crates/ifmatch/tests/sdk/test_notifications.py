"""Channels, subscriptions, sockets."""

import PureCloudPlatformClientV2 as sdk
import websocket

from schedules_rig import TOPIC, Listener, ScheduleCase
from test_upload import shortened


def topics(*names):
    entries = []
    for name in names:
        entry = sdk.ChannelTopic()
        entry.id = name
        entries.append(entry)
    return entries


class Notifications(ScheduleCase):
    def channel(self):
        return self.notifications.post_notifications_channels()

    def subscribed(self, channel):
        listing = self.notifications.get_notifications_channel_subscriptions(channel.id)
        return [entity.id for entity in listing.entities]

    def test_subscriptions_are_added_replaced_and_dropped(self):
        channel, own = self.channel(), TOPIC.format(self.business_unit)
        runs = f"v2.workforcemanagement.businessunits.{self.business_unit}.scheduling.runs"
        self.notifications.post_notifications_channel_subscriptions(channel.id, topics(own))
        self.notifications.post_notifications_channel_subscriptions(channel.id, topics(runs))
        self.assertEqual(sorted(self.subscribed(channel)), sorted([own, runs]))
        self.notifications.put_notifications_channel_subscriptions(channel.id, topics(runs))
        self.assertEqual(self.subscribed(channel), [runs])
        self.notifications.delete_notifications_channel_subscriptions(channel.id)
        self.assertEqual(self.subscribed(channel), [])

    def test_the_twenty_first_channel_takes_the_place_of_the_oldest(self):
        channels = [self.channel() for _ in range(21)]
        listed = {entity.id for entity in self.notifications.get_notifications_channels().entities}
        self.assertEqual(listed, {channel.id for channel in channels[1:]})
        self.refused(404, "not.found", self.subscribed, channels[0])
        with self.assertRaises(websocket.WebSocketBadStatusException):
            Listener(channels[0])

    def test_nothing_is_kept_for_a_socket_that_is_not_open(self):
        listener, deaf = self.listen(), self.listen()
        deaf.close()
        schedule = self.listed()[0].id
        agent = self.agents_raw(schedule)[0]
        version = self.schedule(schedule).metadata.version
        content = {"metadata": {"version": version}, "agentSchedules": [shortened(agent)]}
        operation = self.update(schedule, content)
        listener.end_of(operation)
        late = Listener(deaf.channel)
        self.addCleanup(late.close)
        late.socket.settimeout(1)
        with self.assertRaises(websocket.WebSocketTimeoutException):
            late.next()

    def test_a_second_socket_ends_the_first(self):
        listener = self.listen()
        second = Listener(listener.channel)
        self.addCleanup(second.close)
        with self.assertRaises(websocket.WebSocketConnectionClosedException):
            listener.next()

    def test_a_ping_is_answered(self):
        listener = self.listen()
        listener.socket.send('{"message":"ping"}')
        self.assertIn('"pong"', listener.socket.recv())
