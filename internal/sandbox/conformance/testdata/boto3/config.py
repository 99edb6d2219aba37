"""AWS Config inside an account: recorders, delivery channels, authorizations."""

import boto3

from harness import Case, client, inside, main

BLOCKED, FREE, GOVERNED = "222222222203", "222222222201", "222222222112"


class Recorders(Case):
    def setUp(self):
        self.there = client("config", inside(BLOCKED), region="eu-west-1")
        self.errors = self.there.exceptions

    def test_a_blocked_account_is_mended(self):
        """
        DescribeConfigurationRecorders, DescribeConfigurationRecorderStatus, DescribeDeliveryChannels: what the account has in that Region, and in no other
        DescribeDeliveryChannelStatus: of the channel that there is; another one is NoSuchDeliveryChannelException
        DeleteDeliveryChannel: not while a recorder is running: LastDeliveryChannelDeleteFailedException
        StopConfigurationRecorder, DescribeConfigurationRecorderStatus: it does not record any more
        DeleteDeliveryChannel, DeleteConfigurationRecorder: they are gone, and a second time is NoSuchDeliveryChannelException and NoSuchConfigurationRecorderException
        """
        (recorder,) = self.there.describe_configuration_recorders()["ConfigurationRecorders"]
        (status,) = self.there.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        self.assertEqual(("default", True), (recorder["name"], status["recording"]))
        (channel,) = self.there.describe_delivery_channels()["DeliveryChannels"]
        self.assertEqual([], client("config", inside(BLOCKED)).describe_configuration_recorders()["ConfigurationRecorders"])
        self.assertEqual([], client("config", inside(FREE), region="eu-west-1").describe_delivery_channels()["DeliveryChannels"])
        self.refused(self.errors.LastDeliveryChannelDeleteFailedException, self.there.delete_delivery_channel, 400, DeliveryChannelName=channel["name"])
        (state,) = self.there.describe_delivery_channel_status()["DeliveryChannelsStatus"]
        self.assertEqual(("default", "Success"), (state["name"], state["configHistoryDeliveryInfo"]["lastStatus"]))
        self.refused(self.errors.NoSuchDeliveryChannelException, self.there.describe_delivery_channel_status, 400, DeliveryChannelNames=["other"])
        self.there.stop_configuration_recorder(ConfigurationRecorderName="default")
        (status,) = self.there.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
        self.assertFalse(status["recording"])
        self.there.delete_delivery_channel(DeliveryChannelName=channel["name"])
        self.there.delete_configuration_recorder(ConfigurationRecorderName="default")
        self.assertEqual([], self.there.describe_configuration_recorders()["ConfigurationRecorders"])
        self.refused(self.errors.NoSuchDeliveryChannelException, self.there.delete_delivery_channel, 400, DeliveryChannelName=channel["name"])
        self.refused(self.errors.NoSuchConfigurationRecorderException, self.there.delete_configuration_recorder, 400, ConfigurationRecorderName="default")
        self.refused(self.errors.NoSuchConfigurationRecorderException, self.there.stop_configuration_recorder, 400, ConfigurationRecorderName="default")

    def test_authorizations(self):
        """
        DescribeAggregationAuthorizations: none
        DeleteAggregationAuthorization: one that does not exist is no error
        """
        self.assertEqual([], self.there.describe_aggregation_authorizations()["AggregationAuthorizations"])
        self.there.delete_aggregation_authorization(AuthorizedAccountId="111111111111", AuthorizedAwsRegion="us-east-1")

    def test_control_tower(self):
        """
        DescribeConfigurationRecorders: an enrolled account has that of Control Tower in every governed Region
        DeleteConfigurationRecorder: that one is protected: AccessDeniedException
        """
        governed = client("config", inside(GOVERNED, "AWSControlTowerExecution"), region="eu-west-1")
        (recorder,) = governed.describe_configuration_recorders()["ConfigurationRecorders"]
        self.assertTrue(recorder["name"].startswith("aws-controltower-"))
        self.refused("AccessDeniedException", governed.delete_configuration_recorder, 400, ConfigurationRecorderName=recorder["name"])

    def test_regions(self):
        """
        DescribeConfigurationRecorders: in a Region that is not enabled in the account the keys are not valid: UnrecognizedClientException
        """
        off = client("config", inside(BLOCKED), region="eu-south-1")
        with self.assertRaises(boto3.exceptions.botocore.exceptions.ClientError) as caught:
            off.describe_configuration_recorders()
        self.assertEqual("UnrecognizedClientException", caught.exception.response["Error"]["Code"])


if __name__ == "__main__":
    main()
