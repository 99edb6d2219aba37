"""The Account Factory product, and what is ordered of it."""

import uuid

from harness import MANAGEMENT, Case, client, door, eventually, main, pages, tokens

FACTORY = "AWS Control Tower Account Factory"


class Factory(Case):
    def setUp(self):
        self.catalog, self.org = client("servicecatalog"), client("organizations")
        self.errors = self.catalog.exceptions
        self.product = self.catalog.search_products(Filters={"FullTextSearch": [FACTORY]})["ProductViewSummaries"][0]["ProductId"]
        artifacts = self.catalog.list_provisioning_artifacts(ProductId=self.product)["ProvisioningArtifactDetails"]
        (self.artifact,) = [a["Id"] for a in artifacts if a["Active"]]
        self.both = {"ProductId": self.product, "ProvisioningArtifactId": self.artifact}

    def order(self, name, unit="Sandbox (ou-ab12-12222222)", token=None, **parameters):
        values = {"AccountName": name, "AccountEmail": f"{name}@example.com", "ManagedOrganizationalUnit": unit,
                  "SSOUserEmail": "developer@example.com", "SSOUserFirstName": "Dana", "SSOUserLastName": "Developer"} | parameters
        return self.both | {"ProvisionedProductName": name, "ProvisionToken": token or str(uuid.uuid4()),
                            "ProvisioningParameters": [{"Key": k, "Value": v} for k, v in values.items()]}

    def provision(self, name, *arguments, **parameters):
        return self.catalog.provision_product(**self.order(name, *arguments, **parameters))["RecordDetail"]

    def ended(self, record):
        return eventually(lambda: (r := self.catalog.describe_record(Id=record["RecordId"]))["RecordDetail"]["Status"] in ("SUCCEEDED", "FAILED") and r)

    def failed(self, record):
        detail = self.ended(record)["RecordDetail"]
        self.assertEqual("FAILED", detail["Status"])
        return detail["RecordErrors"][0]

    def test_find(self):
        """
        SearchProducts, SearchProductsAsAdmin: the product by full text or by owner; the id of the view is another one
        DescribeProduct, DescribeProductAsAdmin: by id or by name; the end user sees active artifacts and launch paths
        DescribeProduct: a product that does not exist is ResourceNotFoundException
        ListProvisioningArtifacts, DescribeProvisioningArtifact: one version is active; that one is AVAILABLE
        ListLaunchPaths: one path through the portfolio
        DescribeProvisioningParameters: the six parameters; the units that can be chosen as NAME (ID)
        """
        found, _, _ = pages(self.catalog, "search_products_as_admin", "ProductViewDetails", Filters={"Owner": ["AWS Control Tower"]})
        self.assertEqual([self.product], [p["ProductViewSummary"]["ProductId"] for p in found])
        self.assertNotEqual(self.product, found[0]["ProductViewSummary"]["Id"])
        found, _ = tokens(self.catalog.search_products, "ProductViewSummaries", PageSize=1)
        self.assertEqual([FACTORY], [p["Name"] for p in found])
        shown = self.catalog.describe_product(Name=FACTORY)
        self.assertEqual([self.artifact], [a["Id"] for a in shown["ProvisioningArtifacts"]])
        self.assertIn(self.artifact, [a["Id"] for a in self.catalog.describe_product_as_admin(Id=self.product)["ProvisioningArtifactSummaries"]])
        self.refused(self.errors.ResourceNotFoundException, self.catalog.describe_product, 400, Name="Nothing")
        artifact = self.catalog.describe_provisioning_artifact(IncludeProvisioningArtifactParameters=True, **self.both)
        self.assertEqual(("AVAILABLE", True), (artifact["Status"], artifact["ProvisioningArtifactDetail"]["Active"]))
        paths, _, _ = pages(self.catalog, "list_launch_paths", "LaunchPathSummaries", ProductId=self.product)
        self.assertEqual([p["Id"] for p in shown["LaunchPaths"]], [p["Id"] for p in paths])
        parameters = self.catalog.describe_provisioning_parameters(PathId=paths[0]["Id"], **self.both)["ProvisioningArtifactParameters"]
        by_key = {p["ParameterKey"]: p for p in parameters}
        self.assertEqual({"AccountName", "AccountEmail", "ManagedOrganizationalUnit", "SSOUserEmail", "SSOUserFirstName", "SSOUserLastName"}, set(by_key))
        self.assertIn("Sandbox (ou-ab12-12222222)", by_key["ManagedOrganizationalUnit"]["ParameterConstraints"]["AllowedValues"])

    def test_portfolio(self):
        """
        ListPortfolios, ListPortfoliosForProduct: the product's portfolio
        AssociatePrincipalWithPortfolio, DisassociatePrincipalFromPortfolio, ListPrincipalsForPortfolio: principals come and go; botocore's paginator reads all pages
        ListLaunchPaths: who is not associated finds no launch path: ResourceNotFoundException
        """
        portfolios, _, _ = pages(self.catalog, "list_portfolios", "PortfolioDetails")
        self.assertEqual(portfolios, pages(self.catalog, "list_portfolios_for_product", "PortfolioDetails", ProductId=self.product)[0])
        mine = {"PortfolioId": portfolios[0]["Id"]}
        before, _, _ = pages(self.catalog, "list_principals_for_portfolio", "Principals", **mine)
        added = [{"PrincipalARN": f"arn:aws:iam::{MANAGEMENT}:role/team-{n}", "PrincipalType": "IAM"} for n in range(5)]
        for principal in added:
            self.catalog.associate_principal_with_portfolio(**mine, **principal)
        found, count, _ = pages(self.catalog, "list_principals_for_portfolio", "Principals", PaginationConfig={"PageSize": 2}, **mine)
        self.assertEqual(before + added, found)
        self.assertGreater(count, 2)
        for principal in added:
            self.catalog.disassociate_principal_from_portfolio(**mine, **principal)
        self.assertEqual(before, pages(self.catalog, "list_principals_for_portfolio", "Principals", **mine)[0])
        for principal in before:
            self.catalog.disassociate_principal_from_portfolio(**mine, **principal)
        answer = self.refused(self.errors.ResourceNotFoundException, self.catalog.list_launch_paths, 400, ProductId=self.product)
        self.assertIn("No launch paths found", answer["Error"]["Message"])
        for principal in before:
            self.catalog.associate_principal_with_portfolio(**mine, **principal)

    def test_provision(self):
        """
        ProvisionProduct, DescribeRecord: the record goes from CREATED over IN_PROGRESS to SUCCEEDED, with the account among its outputs
        ProvisionProduct: the same token again answers with the same record; the same name with another token is InvalidParametersException
        DescribeProvisionedProduct: by id or by name; AVAILABLE, with its last record; one that does not exist is ResourceNotFoundException
        GetProvisionedProductOutputs: the outputs, or those of some keys, page by page
        SearchProvisionedProducts: finds by field, with the account as PhysicalId
        ScanProvisionedProducts: lists what the caller has ordered, page by page
        UpdateProvisionedProduct: moves the account to another unit, with values that were not given as before
        ListRecordHistory: the newest first, of one provisioned product
        TerminateProvisionedProduct: takes the product away, and leaves the account open
        """
        order = self.order("vended")
        first = self.catalog.provision_product(**order)["RecordDetail"]
        self.assertEqual(("CREATED", "PROVISION_PRODUCT", "CONTROL_TOWER_ACCOUNT"), (first["Status"], first["RecordType"], first["ProvisionedProductType"]))
        self.recent(first["CreatedTime"])
        self.assertEqual(first["RecordId"], self.catalog.provision_product(**order)["RecordDetail"]["RecordId"])
        answer = self.refused(self.errors.InvalidParametersException, self.catalog.provision_product, 400, **(order | {"ProvisionToken": "another"}))
        self.assertIn("already exists", answer["Error"]["Message"])
        self.assertEqual("UNDER_CHANGE", self.catalog.describe_provisioned_product(Name="vended")["ProvisionedProductDetail"]["Status"])
        seen, ended = set(), None
        while ended is None:
            record = self.catalog.describe_record(Id=first["RecordId"])
            seen.add(record["RecordDetail"]["Status"])
            ended = record if record["RecordDetail"]["Status"] in ("SUCCEEDED", "FAILED") else None
        self.assertLessEqual({"IN_PROGRESS", "SUCCEEDED"}, seen)
        self.assertLessEqual(seen, {"CREATED", "IN_PROGRESS", "SUCCEEDED"})
        outputs = {o["OutputKey"]: o["OutputValue"] for o in ended["RecordOutputs"]}
        account = outputs["AccountId"]
        self.assertEqual("vended@example.com", outputs["AccountEmail"])
        self.assertEqual("ou-ab12-12222222", pages(self.org, "list_parents", "Parents", ChildId=account)[0][0]["Id"])
        product = self.catalog.describe_provisioned_product(Name="vended")["ProvisionedProductDetail"]
        self.assertEqual(("AVAILABLE", first["RecordId"], order["ProvisionToken"]), (product["Status"], product["LastRecordId"], product["IdempotencyToken"]))
        self.assertEqual(product, self.catalog.describe_provisioned_product(Id=product["Id"])["ProvisionedProductDetail"])
        self.refused(self.errors.ResourceNotFoundException, self.catalog.describe_provisioned_product, 400, Name="nothing")
        found, count = tokens(self.catalog.get_provisioned_product_outputs, "Outputs", ProvisionedProductId=product["Id"], PageSize=1)
        self.assertEqual((outputs, len(outputs)), ({o["OutputKey"]: o["OutputValue"] for o in found}, count))
        (one,) = self.catalog.get_provisioned_product_outputs(ProvisionedProductName="vended", OutputKeys=["AccountId"])["Outputs"]
        self.assertEqual(account, one["OutputValue"])
        hits, _ = tokens(self.catalog.search_provisioned_products, "ProvisionedProducts", Filters={"SearchQuery": ["name:vended"]})
        self.assertEqual([(account, product["Id"])], [(h["PhysicalId"], h["Id"]) for h in hits])
        scanned, _ = tokens(self.catalog.scan_provisioned_products, "ProvisionedProducts", PageSize=1)
        self.assertIn(product["Id"], [p["Id"] for p in scanned])
        moved = self.catalog.update_provisioned_product(ProvisionedProductId=product["Id"], UpdateToken="move", ProvisioningParameters=[
            {"Key": "ManagedOrganizationalUnit", "Value": "Dev (ou-ab12-11111113)"},
            *({"Key": k, "UsePreviousValue": True} for k in ("AccountName", "AccountEmail", "SSOUserEmail", "SSOUserFirstName", "SSOUserLastName")),
        ])["RecordDetail"]
        self.assertEqual(("UPDATE_PROVISIONED_PRODUCT", "SUCCEEDED"), (moved["RecordType"], self.ended(moved)["RecordDetail"]["Status"]))
        self.assertEqual("ou-ab12-11111113", pages(self.org, "list_parents", "Parents", ChildId=account)[0][0]["Id"])
        gone = self.catalog.terminate_provisioned_product(ProvisionedProductName="vended", TerminateToken="gone")["RecordDetail"]
        history = self.catalog.list_record_history(SearchFilter={"Key": "provisionedproduct", "Value": product["Id"]})["RecordDetails"]
        self.assertEqual([gone["RecordId"], moved["RecordId"], first["RecordId"]], [r["RecordId"] for r in history])
        self.assertEqual(("TERMINATE_PROVISIONED_PRODUCT", "SUCCEEDED"), (gone["RecordType"], self.ended(gone)["RecordDetail"]["Status"]))
        self.refused(self.errors.ResourceNotFoundException, self.catalog.describe_provisioned_product, 400, Name="vended")
        self.assertEqual("ACTIVE", self.org.describe_account(AccountId=account)["Account"]["State"])

    def test_refusals(self):
        """
        ProvisionProduct: a name with a blank is ValidationException, an unknown or missing parameter InvalidParametersException
        ProvisionProduct: a product, version or Region that is wrong is ResourceNotFoundException
        DescribeRecord: a record that does not exist is ResourceNotFoundException
        """
        order = self.order("refused")
        self.refused("ValidationException", self.catalog.provision_product, 400, **(order | {"ProvisionedProductName": "a b"}))
        self.refused(self.errors.InvalidParametersException, self.catalog.provision_product, 400, **self.order("refused", Speed="high"))
        self.refused(self.errors.InvalidParametersException, self.catalog.provision_product, 400,
                     **(order | {"ProvisioningParameters": order["ProvisioningParameters"][:-1]}))
        self.refused(self.errors.ResourceNotFoundException, self.catalog.provision_product, 400, **(order | {"ProvisioningArtifactId": "pa-none"}))
        elsewhere = client("servicecatalog", region="eu-west-1")
        self.refused("ResourceNotFoundException", elsewhere.describe_product, 400, Name=FACTORY)
        self.refused(self.errors.ResourceNotFoundException, self.catalog.describe_record, 400, Id="rec-none")

    def test_failures(self):
        """
        DescribeRecord: an address that is in use in another organization, or a unit that is not registered, ends as FAILED with its cause
        DescribeRecord: a sixth account operation at once ends as FAILED with ResourceInUseException
        GetProvisionedProductOutputs: of a product that never succeeded it is InvalidParametersException
        TerminateProvisionedProduct: while a product is under change it is refused
        """
        error = self.failed(self.provision("taken"))
        self.assertTrue(error["Description"])
        self.assertEqual("ERROR", self.catalog.describe_provisioned_product(Name="taken")["ProvisionedProductDetail"]["Status"])
        self.refused(self.errors.InvalidParametersException, self.catalog.get_provisioned_product_outputs, 400, ProvisionedProductName="taken")
        error = self.failed(self.provision("homeless", "Legacy (ou-ab12-14444444)"))
        self.assertIn("is not enrolled in AWS Control Tower", error["Description"])
        records = [self.provision(f"crowd-{n}") for n in range(8)]
        self.refused(self.errors.InvalidParametersException, self.catalog.terminate_provisioned_product, 400,
                     ProvisionedProductName="crowd-0", TerminateToken="early")
        details = [self.ended(r)["RecordDetail"] for r in records]
        failures = [d["RecordErrors"][0] for d in details if d["Status"] == "FAILED"]
        self.assertTrue(failures)
        for error in failures:
            self.assertEqual("ResourceInUseException", error["Code"])
            self.assertIn("allowed maximum of 5", error["Description"])
        for record in (r for r in details if r["Status"] == "FAILED"):
            self.ended(self.catalog.terminate_provisioned_product(ProvisionedProductId=record["ProvisionedProductId"], TerminateToken=str(uuid.uuid4()))["RecordDetail"])

    def test_record_faults(self):
        """
        DescribeRecord: a failure inside AWS Control Tower is FAILED with RecordErrors, and may leave the account behind
        """
        door("POST", "faults", [{"operation": "servicecatalog.ProvisionProduct", "kind": "fail-record", "code": "InternalFailure",
                                 "message": "AWS Control Tower could not baseline VPC.", "account": "created"}])
        error = self.failed(self.provision("broken"))
        self.assertEqual("AWS Control Tower could not baseline VPC.", error["Description"])
        self.assertIn("broken@example.com", [a["Email"] for a in pages(self.org, "list_accounts", "Accounts")[0]])


if __name__ == "__main__":
    main()
