"""What the tests of schedules share: reading, uploading as the vendor documents it, and listening."""

import gzip
import json
import time
import urllib.request

import PureCloudPlatformClientV2 as sdk
import websocket

from rig import PATIENCE, WEEK, WEEK_DATE, Case, check

TOPIC = "v2.workforcemanagement.businessunits.{}.schedules"
NOTIFICATION = "WfmBuScheduleTopicBuScheduleNotification"
PREFIX = "post_workforcemanagement_businessunit_week_"


class ScheduleCase(Case):
    def setUp(self):
        super().setUp()
        self.management_unit, self.business_unit = self.unit()

    def of_week(self, name, *args, **more):
        """A POST on the schedules of the week."""
        return getattr(self.wfm, PREFIX + name)(self.business_unit, WEEK_DATE, *args, **more)

    def listed(self, week=WEEK, **more):
        return self.wfm.get_workforcemanagement_businessunit_week_schedules(self.business_unit, week, **more).entities

    def schedule(self, schedule=None, week=WEEK, **more):
        schedule = schedule or self.listed()[0].id
        return self.wfm.get_workforcemanagement_businessunit_week_schedule(self.business_unit, week, schedule, **more)

    def agents(self, schedule, users=None, **more):
        body = sdk.BuQueryAgentSchedulesRequest()
        body.management_unit_id = self.management_unit
        body.user_ids = users
        answer = self.of_week("schedule_agentschedules_query", schedule, body, **more)
        return answer.result.agent_schedules if answer.result else answer

    def agents_raw(self, schedule, users=None):
        """The same as it stands on the wire, in the shape that an upload takes."""
        self.agents(schedule, users)
        return self.client.raw["result"]["agentSchedules"]

    def put(self, place, content):
        """The file goes to the place with the headers that came with it, and with no token."""
        headers = dict(place.headers)
        request = urllib.request.Request(place.url, data=gzip.compress(content), headers=headers, method="PUT")
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            self.assertIn(answer.status, (200, 201, 204))

    def uploaded(self, url_of, *args, content):
        """Asks for a place, puts a file there, and returns its key."""
        data = json.dumps(content).encode()
        body = sdk.UploadUrlRequestBody()
        body.content_length_bytes = len(data)
        place = self.of_week(url_of, *args, body)
        self.assertEqual(self.client.status, 201)
        self.assertIsNone(place.upload_body_schema)
        self.put(place, data)
        return place.upload_key

    def update(self, schedule, content):
        """Uploads a change and has it processed; returns the id of the operation."""
        body = sdk.ProcessScheduleUpdateUploadRequest()
        body.upload_key = self.uploaded("schedule_update_uploadurl", schedule, content=content)
        answer = self.of_week("schedule_update", schedule, body)
        self.assertEqual((self.client.status, answer.status), (202, "Processing"))
        return answer.operation_id

    def listen(self, *topics):
        """A channel that subscribed, with its socket open."""
        channel = self.notifications.post_notifications_channels()
        self.assertGreater(len(channel.id), 8)
        body = []
        for topic in topics or [TOPIC.format(self.business_unit)]:
            entry = sdk.ChannelTopic()
            entry.id = topic
            body.append(entry)
        listing = self.notifications.post_notifications_channel_subscriptions(channel.id, body)
        self.assertEqual({entity.id for entity in listing.entities}, {entry.id for entry in body})
        listener = Listener(channel)
        self.addCleanup(listener.close)
        return listener


class Listener:
    """The open socket of a channel."""

    def __init__(self, channel):
        self.channel = channel
        self.socket = websocket.create_connection(channel.connect_uri, timeout=PATIENCE)

    def close(self):
        self.socket.close()

    def next(self):
        """The next message that is no heartbeat."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            text = self.socket.recv()
            if not text:
                raise websocket.WebSocketConnectionClosedException("the sandbox closed the socket")
            message = json.loads(text)
            if message["topicName"] != "channel.metadata":
                return message
        raise AssertionError("no message in time")

    def end_of(self, operation, kind=NOTIFICATION):
        """What became of an operation, checked against its model."""
        while True:
            message = self.next()
            event = message["eventBody"]
            check(message["topicName"], kind, event)
            if event["operationId"] == operation and event["status"] != "Processing":
                return event
