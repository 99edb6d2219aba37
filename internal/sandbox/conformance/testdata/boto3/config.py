"""AWS Config inside an account: recorders, delivery channels, authorizations."""

import boto3

from harness import Case, client, inside, main, pages

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

    def test_recorders_are_made(self):
        """
        PutConfigurationRecorder: one a Region, named default where it has no name, with role and recording group as they were given; it does not record yet
        PutConfigurationRecorder: a second name is MaxNumberOfConfigurationRecordersExceededException; the same name changes it
        PutConfigurationRecorder: no role is InvalidRoleException, a reserved name InvalidConfigurationRecorderNameException
        PutConfigurationRecorder: a group that says two things at once, or nothing, is InvalidRecordingGroupException
        PutDeliveryChannel: not before there is a recorder: NoAvailableConfigurationRecorderException; with a second name MaxNumberOfDeliveryChannelsExceededException
        PutDeliveryChannel: no bucket is NoSuchBucketException, no ARN of a topic InvalidSNSTopicARNException, of a key InvalidS3KmsKeyArnException
        PutDeliveryChannel, DescribeDeliveryChannels: bucket, prefix, topic and frequency as they were given
        StartConfigurationRecorder: not before there is a channel: NoAvailableDeliveryChannelException; then it records
        StartConfigurationRecorder: of one that does not exist: NoSuchConfigurationRecorderException
        """
        there = client("config", inside(FREE), region="eu-west-1")
        errors, role = there.exceptions, f"arn:aws:iam::{FREE}:role/recorder"
        channel = {"name": "mine", "s3BucketName": "a-bucket", "s3KeyPrefix": "o-1", "snsTopicARN": f"arn:aws:sns:eu-west-1:{FREE}:topic",
                   "configSnapshotDeliveryProperties": {"deliveryFrequency": "TwentyFour_Hours"}}
        self.refused(errors.NoAvailableConfigurationRecorderException, there.put_delivery_channel, 400, DeliveryChannel=channel)
        self.refused(errors.NoSuchConfigurationRecorderException, there.start_configuration_recorder, 400, ConfigurationRecorderName="default")
        put = lambda **recorder: there.put_configuration_recorder(ConfigurationRecorder=recorder)
        self.refused(errors.InvalidRoleException, put, 400, name="default")
        self.refused(errors.InvalidConfigurationRecorderNameException, put, 400, name="AWSConfigurationRecorderForMe", roleARN=role)
        for group in ({"allSupported": True, "resourceTypes": ["AWS::EC2::VPC"]}, {"allSupported": False},
                      {"allSupported": True, "recordingStrategy": {"useOnly": "EXCLUSION_BY_RESOURCE_TYPES"}},
                      {"resourceTypes": ["AWS::EC2::VPC"], "exclusionByResourceTypes": {"resourceTypes": ["AWS::EC2::EIP"]}}):
            self.refused(errors.InvalidRecordingGroupException, put, 400, name="default", roleARN=role, recordingGroup=group)
        put(roleARN=role, recordingGroup={"resourceTypes": ["AWS::EC2::VPC"]})
        (recorder,) = there.describe_configuration_recorders()["ConfigurationRecorders"]
        self.assertEqual(("default", role, ["AWS::EC2::VPC"], False), (recorder["name"], recorder["roleARN"],
                         recorder["recordingGroup"]["resourceTypes"], recorder["recordingGroup"]["allSupported"]))
        self.assertEqual("INCLUSION_BY_RESOURCE_TYPES", recorder["recordingGroup"]["recordingStrategy"]["useOnly"])
        self.refused(errors.MaxNumberOfConfigurationRecordersExceededException, put, 400, name="other", roleARN=role)
        put(name="default", roleARN=role)
        (recorder,) = there.describe_configuration_recorders()["ConfigurationRecorders"]
        self.assertTrue(recorder["recordingGroup"]["allSupported"])
        self.assertFalse(there.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"])
        self.refused(errors.NoAvailableDeliveryChannelException, there.start_configuration_recorder, 400, ConfigurationRecorderName="default")
        deliver = lambda **changes: there.put_delivery_channel(DeliveryChannel=channel | changes)
        self.refused(errors.NoSuchBucketException, deliver, 400, s3BucketName="")
        self.refused(errors.InvalidSNSTopicARNException, deliver, 400, snsTopicARN="topic")
        self.refused(errors.InvalidS3KmsKeyArnException, deliver, 400, s3KmsKeyArn="key")
        deliver()
        self.assertEqual([channel], there.describe_delivery_channels()["DeliveryChannels"])
        self.refused(errors.MaxNumberOfDeliveryChannelsExceededException, deliver, 400, name="other")
        there.start_configuration_recorder(ConfigurationRecorderName="default")
        self.assertTrue(there.describe_configuration_recorder_status()["ConfigurationRecordersStatus"][0]["recording"])

    def test_authorizations_are_given(self):
        """
        PutAggregationAuthorization: the authorization, and the same one when it is asked for again; a Region that does not exist is InvalidParameterValueException
        DescribeAggregationAuthorizations: botocore's paginator reads those that were put, in that Region alone
        DeleteAggregationAuthorization: it is gone, and the others stay
        """
        there = client("config", inside(FREE), region="eu-west-1")
        who = [{"AuthorizedAccountId": "222222222102", "AuthorizedAwsRegion": region} for region in ("us-east-1", "eu-west-1", "eu-west-2")]
        made = [there.put_aggregation_authorization(**w)["AggregationAuthorization"] for w in who]
        self.assertEqual(made[0], there.put_aggregation_authorization(**who[0])["AggregationAuthorization"])
        self.recent(made[0]["CreationTime"])
        self.assertEqual(f"arn:aws:config:eu-west-1:{FREE}:aggregation-authorization/222222222102/us-east-1", made[0]["AggregationAuthorizationArn"])
        self.refused(there.exceptions.InvalidParameterValueException, there.put_aggregation_authorization, 400,
                     AuthorizedAccountId="222222222102", AuthorizedAwsRegion="nowhere")
        listed = lambda at: pages(at, "describe_aggregation_authorizations", "AggregationAuthorizations", PaginationConfig={"PageSize": 2})[0]
        self.assertEqual(made, listed(there))
        self.assertEqual([], listed(client("config", inside(FREE), region="eu-west-2")))
        there.delete_aggregation_authorization(**who[1])
        self.assertEqual([made[0], made[2]], listed(there))

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
