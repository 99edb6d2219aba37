"""How much the organization may have."""

from harness import MANAGEMENT, Case, client, main, pages

NAME = "Maximum number of accounts"


class Quotas(Case):
    def setUp(self):
        self.quotas = client("service-quotas")
        self.errors = self.quotas.exceptions

    def test_services(self):
        """
        ListServices: services by code and name; botocore's paginator reads all pages
        ListServices: a token that is none is InvalidPaginationTokenException, 101 items a page IllegalArgumentException
        """
        services, count, _ = pages(self.quotas, "list_services", "Services", PaginationConfig={"PageSize": 1})
        self.assertGreaterEqual(count, 2)
        self.assertEqual("AWS Organizations", {s["ServiceCode"]: s["ServiceName"] for s in services}["organizations"])
        self.refused(self.errors.InvalidPaginationTokenException, self.quotas.list_services, 400, NextToken="bm9uZQ==")
        careless = client("service-quotas", parameter_validation=False)
        self.refused("IllegalArgumentException", careless.list_services, 400, MaxResults=101)

    def test_values(self):
        """
        ListServiceQuotas, GetServiceQuota: the same value that was applied to the account, with name, ARN and unit
        ListAWSDefaultServiceQuotas, GetAWSDefaultServiceQuota: AWS's default, whatever was applied; its ARN names no account
        ListServiceQuotas: one quota by its code
        """
        quotas, _, _ = pages(self.quotas, "list_service_quotas", "Quotas", ServiceCode="organizations")
        accounts = next(q for q in quotas if q["QuotaName"] == NAME)
        self.assertEqual((100.0, "None", True, True), (accounts["Value"], accounts["Unit"], accounts["Adjustable"], accounts["GlobalQuota"]))
        self.assertEqual(f"arn:aws:servicequotas:us-east-1:{MANAGEMENT}:organizations/{accounts['QuotaCode']}", accounts["QuotaArn"])
        named = {"ServiceCode": "organizations", "QuotaCode": accounts["QuotaCode"]}
        self.assertEqual(accounts, self.quotas.get_service_quota(**named)["Quota"])
        self.assertEqual([accounts], self.quotas.list_service_quotas(**named)["Quotas"])
        defaults, _, _ = pages(self.quotas, "list_aws_default_service_quotas", "Quotas", ServiceCode="organizations")
        default = next(q for q in defaults if q["QuotaName"] == NAME)
        self.assertEqual(10.0, default["Value"])
        self.assertEqual(f"arn:aws:servicequotas:us-east-1::organizations/{accounts['QuotaCode']}", default["QuotaArn"])
        self.assertEqual(default, self.quotas.get_aws_default_service_quota(**named)["Quota"])

    def test_regions(self):
        """
        ListServices, ListServiceQuotas: quotas of Organizations are in us-east-1 only
        """
        elsewhere = client("service-quotas", region="eu-west-1")
        services, _, _ = pages(elsewhere, "list_services", "Services")
        self.assertNotIn("organizations", {s["ServiceCode"] for s in services})
        self.refused(self.errors.NoSuchResourceException, self.quotas.list_service_quotas, 400, ServiceCode="none")
        self.refused("NoSuchResourceException", elsewhere.list_service_quotas, 400, ServiceCode="organizations")
        operations = elsewhere.list_service_quotas(ServiceCode="controltower")["Quotas"]
        self.assertEqual(["Concurrent account operations"], [q["QuotaName"] for q in operations])

    def test_errors(self):
        """
        GetServiceQuota, GetAWSDefaultServiceQuota: a quota that does not exist is NoSuchResourceException
        GetServiceQuota, GetAWSDefaultServiceQuota: a malformed code is IllegalArgumentException
        """
        careless = client("service-quotas", parameter_validation=False)
        found = self.quotas.list_service_quotas(ServiceCode="controltower")["Quotas"][0]["QuotaCode"]
        for name in ("get_service_quota", "get_aws_default_service_quota"):
            getattr(self.quotas, name)(ServiceCode="controltower", QuotaCode=found)
            self.refused(self.errors.NoSuchResourceException, getattr(self.quotas, name), 400, ServiceCode="organizations", QuotaCode=found)
            self.refused("IllegalArgumentException", getattr(careless, name), 400, ServiceCode="organizations", QuotaCode="L 1")


if __name__ == "__main__":
    main()
