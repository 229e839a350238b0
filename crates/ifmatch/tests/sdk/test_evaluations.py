"""Evaluations: no lock, and one key against doubles."""

import uuid

import PureCloudPlatformClientV2 as sdk

from rig import Case


class Evaluations(Case):
    def setUp(self):
        super().setUp()
        self.quality = sdk.QualityApi(self.client)

    def body(self, score):
        users = sdk.UsersApi(self.client)
        form = self.quality.get_quality_publishedforms_evaluations().entities[0]
        self.assertTrue(form.published)
        body = sdk.EvaluationCreateBody()
        body.evaluation_form = sdk.EvaluationCreateEvalForm()
        body.evaluation_form.id = form.id
        body.agent, body.evaluator = sdk.EvaluationCreateUser(), sdk.EvaluationCreateUser()
        body.agent.id = users.get_users().entities[0].id
        body.evaluator.id = users.get_users_me().id
        body.answers = sdk.EvaluationScoringSet()
        body.answers.total_score, body.answers.comments = score, "Clear and calm"
        return body

    def create(self, conversation, body, **more):
        return self.quality.post_quality_conversation_evaluations(conversation, body, **more)

    def test_a_key_names_one_evaluation(self):
        conversation, body, key = str(uuid.uuid4()), self.body(80.0), str(uuid.uuid4())
        first = self.create(conversation, body, idempotency_key=key)
        self.assertEqual((first.answers.total_score, first.status), (80.0, "FINISHED"))
        again = self.create(conversation, body, idempotency_key=key)
        self.assertEqual(again.id, first.id)
        self.refused(400, "quality.evaluation.already.exists", self.create, conversation, body)

    def test_the_last_write_stands(self):
        conversation = str(uuid.uuid4())
        made = self.create(conversation, self.body(80.0))
        place = (conversation, made.id)
        for score in (70.0, 75.0):
            made.answers.total_score = score
            made = self.quality.put_quality_conversation_evaluation(*place, made)
            self.assertEqual(made.answers.total_score, score)
        read = self.quality.get_quality_conversation_evaluation(*place)
        self.assertEqual((read.answers.total_score, read.changed_date), (75.0, made.changed_date))
        found = self.quality.get_quality_evaluations_query(conversation_id=conversation)
        self.assertEqual([one.id for one in found.entities], [made.id])
        self.quality.delete_quality_conversation_evaluation(*place)
        self.refused(404, "not.found", self.quality.get_quality_conversation_evaluation, *place)
