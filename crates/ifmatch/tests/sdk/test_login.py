"""The two ways in which the SDK is pointed at a sandbox."""

import json

import PureCloudPlatformClientV2 as sdk
from PureCloudPlatformClientV2.rest import ApiException

from rig import Case, Checked


class Login(Case):
    def test_by_gateway_configuration(self):
        self.assertTrue(self.client.access_token)
        self.assertTrue(self.unit())

    def test_by_host(self):
        configuration = sdk.configuration
        before = configuration.host
        self.addCleanup(setattr, configuration, "host", before)
        configuration.host = self.sandbox.url
        client = Checked()
        client.get_client_credentials_token(self.sandbox.id, self.sandbox.secret)
        self.assertTrue(sdk.WorkforceManagementApi(client).get_workforcemanagement_managementunits().entities)

    def test_a_wrong_secret_is_refused(self):
        with self.assertRaises(ApiException) as caught:
            self.client.get_client_credentials_token(self.sandbox.id, "wrong")
        self.assertEqual(caught.exception.status, 401)
        self.assertIn("error", json.loads(caught.exception.body))

    def test_a_call_without_a_token_is_refused_in_the_vendors_shape(self):
        self.client.access_token = None
        self.refused(401, "authentication.required", self.wfm.get_workforcemanagement_managementunits)
