"""Regions and the default VPC of an account."""

from harness import Case, client, inside, main, pages

ACCOUNT, GOVERNED = "222222222202", "222222222112"


class Network(Case):
    def setUp(self):
        self.there = client("ec2", inside(ACCOUNT))

    def test_regions(self):
        """
        DescribeRegions: those that the account can be used in; with AllRegions the others, too, as not-opted-in
        DescribeRegions: by name and by filter; a name that does not exist is InvalidParameterValue
        """
        enabled = {r["RegionName"]: r["OptInStatus"] for r in self.there.describe_regions()["Regions"]}
        every = {r["RegionName"]: r["OptInStatus"] for r in self.there.describe_regions(AllRegions=True)["Regions"]}
        self.assertEqual({"opt-in-not-required"}, set(enabled.values()))
        self.assertEqual("not-opted-in", every["eu-south-1"])
        self.assertEqual(["eu-west-1"], [r["RegionName"] for r in self.there.describe_regions(RegionNames=["eu-west-1"])["Regions"]])
        off = self.there.describe_regions(AllRegions=True, Filters=[{"Name": "opt-in-status", "Values": ["not-opted-in"]}])["Regions"]
        self.assertEqual(len(every) - len(enabled), len(off))
        self.refused("InvalidParameterValue", self.there.describe_regions, 400, RegionNames=["nowhere-1"])

    def test_vpcs(self):
        """
        DescribeVpcs: an account that is not enrolled has its default VPC, an enrolled one has none
        DescribeVpcs: by id and by filter; an id that does not exist is InvalidVpcID.NotFound
        DescribeNetworkInterfaces, DescribeInstances: none in a default VPC that is not in use
        DescribeVpcs: in a Region that is not enabled in the account the keys are not valid: AuthFailure (401)
        """
        (vpc,) = pages(self.there, "describe_vpcs", "Vpcs", Filters=[{"Name": "is-default", "Values": ["true"]}])[0]
        self.assertTrue(vpc["IsDefault"])
        self.assertEqual([vpc], self.there.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"])
        self.refused("InvalidVpcID.NotFound", self.there.describe_vpcs, 400, VpcIds=["vpc-00000000000000000"])
        inside_it = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        self.assertEqual([], self.there.describe_network_interfaces(Filters=inside_it)["NetworkInterfaces"])
        self.assertEqual([], self.there.describe_instances(Filters=inside_it)["Reservations"])
        self.assertEqual([], client("ec2", inside(GOVERNED, "AWSControlTowerExecution")).describe_vpcs()["Vpcs"])
        self.refused("AuthFailure", client("ec2", inside(ACCOUNT), region="eu-south-1").describe_vpcs, 401)


if __name__ == "__main__":
    main()
