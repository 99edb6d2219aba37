"""Log groups of an account."""

from harness import Case, client, inside, main, pages

ACCOUNT, GOVERNED = "222222222202", "222222222112"


class Groups(Case):
    def test_groups(self):
        """
        DescribeLogGroups: none in an account that has none; those of Control Tower in an enrolled one, by the beginning of their name
        CreateLogGroup, DeleteLogGroup: it is there, a second time it is ResourceAlreadyExistsException, and it is gone
        DeleteLogGroup: one that does not exist is ResourceNotFoundException
        """
        there, governed = client("logs", inside(ACCOUNT)), client("logs", inside(GOVERNED, "AWSControlTowerExecution"))
        self.assertEqual([], pages(there, "describe_log_groups", "logGroups")[0])
        found = governed.describe_log_groups(logGroupNamePrefix="/aws/lambda/aws-controltower-")["logGroups"]
        self.assertEqual(["/aws/lambda/aws-controltower-NotificationForwarder"], [g["logGroupName"] for g in found])
        self.assertEqual([], governed.describe_log_groups(logGroupNamePrefix="/other")["logGroups"])
        there.create_log_group(logGroupName="mine")
        self.refused(there.exceptions.ResourceAlreadyExistsException, there.create_log_group, 400, logGroupName="mine")
        self.assertEqual(["mine"], [g["logGroupName"] for g in there.describe_log_groups()["logGroups"]])
        there.delete_log_group(logGroupName="mine")
        self.assertEqual([], there.describe_log_groups()["logGroups"])
        self.refused(there.exceptions.ResourceNotFoundException, there.delete_log_group, 400, logGroupName="none")


if __name__ == "__main__":
    main()
