"""The landing zone, baselines on units and accounts, and controls on units."""

from harness import MANAGEMENT, REGION, Case, client, eventually, main, pages

LEGACY, DEV = "ou-ab12-14444444", "ou-ab12-11111113"


class Baselines(Case):
    def setUp(self):
        self.tower, self.org = client("controltower"), client("organizations")
        self.errors = self.tower.exceptions

    def arn(self, unit):
        return self.org.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]["Arn"]

    def enabled(self, **parameters):
        return pages(self.tower, "list_enabled_baselines", "enabledBaselines", **parameters)[0]

    def baseline(self, name):
        return next(b["arn"] for b in pages(self.tower, "list_baselines", "baselines")[0] if b["name"] == name)

    def ended(self, operation):
        ended = eventually(lambda: (o := self.tower.get_baseline_operation(operationIdentifier=operation)["baselineOperation"])["status"] != "IN_PROGRESS" and o)
        self.recent(ended["startTime"])
        self.recent(ended["endTime"])
        return ended["operationType"], ended["status"]

    def test_landing_zone(self):
        """
        ListLandingZones: at most one, by its ARN; none in a Region that is not its home
        GetLandingZone: version, status, drift and manifest
        GetLandingZone: one that does not exist is ResourceNotFoundException (404)
        """
        found, _, _ = pages(self.tower, "list_landing_zones", "landingZones")
        zone = self.tower.get_landing_zone(landingZoneIdentifier=found[0]["arn"])["landingZone"]
        self.assertEqual(("ACTIVE", "IN_SYNC", "3.3"), (zone["status"], zone["driftStatus"]["status"], zone["version"]))
        self.assertIn(REGION, zone["manifest"]["governedRegions"])
        self.assertEqual([], client("controltower", region="eu-west-1").list_landing_zones()["landingZones"])
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_landing_zone, 404, landingZoneIdentifier=found[0]["arn"][:-4] + "0000")

    def test_baselines(self):
        """
        ListBaselines: AWSControlTowerBaseline and the others, by ARN
        GetBaseline: what the list says; one that does not exist is ResourceNotFoundException (404)
        ListEnabledBaselines: those of units; those of accounts only with includeChildren, and with their unit's as parent
        ListEnabledBaselines: filters by target, baseline and status; botocore's paginator reads all pages
        ListEnabledBaselines: fewer than five a page is ValidationException
        GetEnabledBaseline: what the list says, and the parameters; one that does not exist is ResourceNotFoundException (404)
        """
        tower = self.baseline("AWSControlTowerBaseline")
        self.assertEqual(f"arn:aws:controltower:{REGION}::baseline/17BSJV3IGJ2QSGA2", tower)
        self.assertEqual("AWSControlTowerBaseline", self.tower.get_baseline(baselineIdentifier=tower)["name"])
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_baseline, 404, baselineIdentifier=tower[:-4] + "0000")
        target = self.arn(DEV)
        (mine,) = self.enabled(filter={"targetIdentifiers": [target], "baselineIdentifiers": [tower]})
        self.assertEqual(("SUCCEEDED", target, tower), (mine["statusSummary"]["status"], mine["targetIdentifier"], mine["baselineIdentifier"]))
        account = self.org.describe_account(AccountId="222222222112")["Account"]["Arn"]
        self.assertEqual([], self.enabled(filter={"targetIdentifiers": [account]}))
        (child,) = self.enabled(filter={"targetIdentifiers": [account]}, includeChildren=True)
        self.assertEqual(mine["arn"], child["parentIdentifier"])
        everything = self.enabled(includeChildren=True)
        paged, count, _ = pages(self.tower, "list_enabled_baselines", "enabledBaselines", includeChildren=True, PaginationConfig={"PageSize": 5})
        self.assertEqual((everything, -(-len(everything) // 5)), (paged, count))
        details = self.tower.get_enabled_baseline(enabledBaselineIdentifier=mine["arn"])["enabledBaselineDetails"]
        self.assertEqual(mine, {name: details[name] for name in mine})
        self.assertEqual(["IdentityCenterEnabledBaselineArn"], [p["key"] for p in details["parameters"]])
        careless = client("controltower", parameter_validation=False)
        self.refused("ValidationException", careless.list_enabled_baselines, 400, maxResults=1)
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_enabled_baseline, 404, enabledBaselineIdentifier=mine["arn"][:-4] + "0000")

    def test_govern(self):
        """
        EnableBaseline, GetBaselineOperation: registers a unit and its accounts; goes from IN_PROGRESS to SUCCEEDED, with times in ISO 8601
        EnableBaseline: while an operation runs, another one is ConflictException (409)
        EnableBaseline: an account as target, or a version that does not fit the landing zone, is ValidationException
        ResetEnabledBaseline, UpdateEnabledBaseline, DisableBaseline: are operations of their own type
        GetBaselineOperation: an operation that does not exist is ResourceNotFoundException (404)
        """
        tower = self.baseline("AWSControlTowerBaseline")
        identity = next(b["arn"] for b in self.enabled() if b["baselineIdentifier"] == self.baseline("IdentityCenterBaseline"))
        version = self.enabled(filter={"targetIdentifiers": [self.arn(DEV)]})[0]["baselineVersion"]
        unit = self.org.create_organizational_unit(ParentId="r-ab12", Name="Governed")["OrganizationalUnit"]
        order = {"baselineIdentifier": tower, "baselineVersion": version, "targetIdentifier": unit["Arn"],
                 "parameters": [{"key": "IdentityCenterEnabledBaselineArn", "value": identity}]}
        for wrong in ({"baselineVersion": "1.0"}, {"targetIdentifier": self.org.describe_account(AccountId="222222222112")["Account"]["Arn"]}):
            self.refused(self.errors.ValidationException, self.tower.enable_baseline, 400, **(order | wrong))
        started = self.tower.enable_baseline(**order)
        running = self.tower.get_baseline_operation(operationIdentifier=started["operationIdentifier"])["baselineOperation"]
        if running["status"] == "IN_PROGRESS":
            self.refused(self.errors.ConflictException, self.tower.enable_baseline, 409, **order)
        self.assertEqual(("ENABLE_BASELINE", "SUCCEEDED"), self.ended(started["operationIdentifier"]))
        (enabled,) = self.enabled(filter={"targetIdentifiers": [unit["Arn"]]})
        self.assertEqual(started["arn"], enabled["arn"])
        mine = {"enabledBaselineIdentifier": enabled["arn"]}
        reset = self.tower.reset_enabled_baseline(**mine)["operationIdentifier"]
        self.assertEqual(("RESET_ENABLED_BASELINE", "SUCCEEDED"), self.ended(reset))
        updated = self.tower.update_enabled_baseline(baselineVersion=version, **mine)["operationIdentifier"]
        self.assertEqual(("UPDATE_ENABLED_BASELINE", "SUCCEEDED"), self.ended(updated))
        disabled = self.tower.disable_baseline(**mine)["operationIdentifier"]
        self.assertEqual(("DISABLE_BASELINE", "SUCCEEDED"), self.ended(disabled))
        self.assertEqual([], self.enabled(filter={"targetIdentifiers": [unit["Arn"]]}))
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_baseline_operation, 404, operationIdentifier="00000000-0000-4000-8000-000000000000")


class Controls(Case):
    def setUp(self):
        self.tower, self.org = client("controltower"), client("organizations")
        self.errors = self.tower.exceptions

    def arn(self, unit):
        return self.org.describe_organizational_unit(OrganizationalUnitId=unit)["OrganizationalUnit"]["Arn"]

    def control(self, name):
        return f"arn:aws:controltower:{REGION}::control/AWS-GR_{name}"

    def ended(self, operation):
        ended = eventually(lambda: (o := self.tower.get_control_operation(operationIdentifier=operation)["controlOperation"])["status"] != "IN_PROGRESS" and o)
        self.recent(ended["startTime"])
        self.recent(ended["endTime"])
        return ended

    def test_mandatory(self):
        """
        ListEnabledControls: the mandatory controls of every registered unit; botocore's paginator reads all pages
        ListEnabledControls: those of one unit, and with includeChildren those of the units below, too
        ListEnabledControls: a unit that is not registered is ResourceNotFoundException (404), more than 200 a page ValidationException
        GetEnabledControl: what the list says, the governed Regions, and no parameters
        DisableControl, ResetEnabledControl, UpdateEnabledControl: of a mandatory control is ValidationException
        """
        everything, _, _ = pages(self.tower, "list_enabled_controls", "enabledControls")
        paged, count, _ = pages(self.tower, "list_enabled_controls", "enabledControls", PaginationConfig={"PageSize": 7})
        self.assertEqual((everything, -(-len(everything) // 7)), (paged, count))
        workloads = self.arn("ou-ab12-11111111")
        own = pages(self.tower, "list_enabled_controls", "enabledControls", targetIdentifier=workloads)[0]
        below = pages(self.tower, "list_enabled_controls", "enabledControls", targetIdentifier=workloads, includeChildren=True)[0]
        self.assertEqual((15, {workloads}), (len(own), {c["targetIdentifier"] for c in own}))
        self.assertEqual({workloads, self.arn(DEV), self.arn("ou-ab12-11111112")}, {c["targetIdentifier"] for c in below})
        self.refused(self.errors.ResourceNotFoundException, self.tower.list_enabled_controls, 404, targetIdentifier=self.arn(LEGACY))
        careless = client("controltower", parameter_validation=False)
        self.refused("ValidationException", careless.list_enabled_controls, 400, maxResults=201)
        mine = {"enabledControlIdentifier": own[0]["arn"]}
        details = self.tower.get_enabled_control(**mine)["enabledControlDetails"]
        self.assertEqual(own[0], {name: details[name] for name in own[0]})
        self.assertEqual(([{"name": "eu-west-1"}, {"name": REGION}], []), (details["targetRegions"], details["parameters"]))
        self.refused(self.errors.ValidationException, self.tower.disable_control, 400, **mine)
        self.refused(self.errors.ValidationException, self.tower.reset_enabled_control, 400, **mine)
        self.refused(self.errors.ValidationException, self.tower.update_enabled_control, 400, parameters=[{"key": "ExemptedPrincipalArns", "value": ["arn:aws:iam::*:role/x"]}], **mine)

    def test_enable(self):
        """
        EnableControl, GetControlOperation: goes from IN_PROGRESS to SUCCEEDED, with control, target and times in ISO 8601
        EnableControl: of what is enabled, by its other ARN, is ValidationException; on a unit that is not registered ResourceNotFoundException (404)
        EnableControl: with parameters of another control it is ValidationException; another control of the unit at the same time is taken
        ListEnabledControls: filters by control, by either of its ARNs, and by status
        UpdateEnabledControl, GetEnabledControl: other parameters are shown; the same ones are ValidationException
        ResetEnabledControl: of a control that detects is an operation; of one that is a service control policy ValidationException
        ListControlOperations: the newest first, with filters; botocore's paginator reads all pages
        DisableControl: by enabled control, and by control and target; what is not enabled is ResourceNotFoundException (404)
        GetEnabledControl, GetControlOperation: what does not exist is ResourceNotFoundException (404)
        """
        target, root, volumes = self.arn(DEV), self.control("RESTRICT_ROOT_USER"), self.control("ENCRYPTED_VOLUMES")
        order = {"controlIdentifier": root, "targetIdentifier": target, "tags": {"team": "platform"},
                 "parameters": [{"key": "ExemptAssumeRoot", "value": True}, {"key": "ExemptedPrincipalArns", "value": ["arn:aws:iam::*:role/x"]}]}
        self.refused(self.errors.ResourceNotFoundException, self.tower.enable_control, 404, **(order | {"targetIdentifier": self.arn(LEGACY)}))
        self.refused(self.errors.ValidationException, self.tower.enable_control, 400, **(order | {"parameters": [{"key": "AllowedRegions", "value": [REGION]}]}))
        started = self.tower.enable_control(**order)
        beside = self.tower.enable_control(controlIdentifier=volumes, targetIdentifier=target)
        ended = self.ended(started["operationIdentifier"])
        self.assertEqual(("ENABLE_CONTROL", "SUCCEEDED", root, target, started["arn"]),
                         tuple(ended[name] for name in ("operationType", "status", "controlIdentifier", "targetIdentifier", "enabledControlIdentifier")))
        self.assertEqual("SUCCEEDED", self.ended(beside["operationIdentifier"])["status"])
        other = "arn:aws:controlcatalog:::control/5kvme4m5d2b4d7if2fs5yg2ui"
        self.refused(self.errors.ValidationException, self.tower.enable_control, 400, controlIdentifier=other, targetIdentifier=target)
        for wanted in (root, other):
            (found,) = pages(self.tower, "list_enabled_controls", "enabledControls", filter={"controlIdentifiers": [wanted], "statuses": ["SUCCEEDED"]})[0]
            self.assertEqual((started["arn"], root), (found["arn"], found["controlIdentifier"]))
        mine = {"enabledControlIdentifier": started["arn"]}
        exempted = [{"key": "ExemptedPrincipalArns", "value": ["arn:aws:iam::*:role/y"]}]
        self.assertEqual("SUCCEEDED", self.ended(self.tower.update_enabled_control(parameters=exempted, **mine)["operationIdentifier"])["status"])
        self.assertEqual(exempted, self.tower.get_enabled_control(**mine)["enabledControlDetails"]["parameters"])
        self.refused(self.errors.ValidationException, self.tower.update_enabled_control, 400, parameters=exempted, **mine)
        self.refused(self.errors.ValidationException, self.tower.reset_enabled_control, 400, **mine)
        reset = self.tower.reset_enabled_control(enabledControlIdentifier=beside["arn"])["operationIdentifier"]
        self.assertEqual(("RESET_ENABLED_CONTROL", "SUCCEEDED"), tuple(self.ended(reset)[name] for name in ("operationType", "status")))
        self.assertEqual("SUCCEEDED", self.ended(self.tower.disable_control(**mine)["operationIdentifier"])["status"])
        disabled = self.tower.disable_control(controlIdentifier=volumes, targetIdentifier=target)["operationIdentifier"]
        self.assertEqual(("DISABLE_CONTROL", "SUCCEEDED"), tuple(self.ended(disabled)[name] for name in ("operationType", "status")))
        operations, count, _ = pages(self.tower, "list_control_operations", "controlOperations", filter={"controlIdentifiers": [volumes]}, PaginationConfig={"PageSize": 1})
        self.assertEqual((3, ["DISABLE_CONTROL", "RESET_ENABLED_CONTROL", "ENABLE_CONTROL"]), (count, [o["operationType"] for o in operations]))
        self.refused(self.errors.ResourceNotFoundException, self.tower.disable_control, 404, controlIdentifier=volumes, targetIdentifier=target)
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_enabled_control, 404, **mine)
        self.refused(self.errors.ResourceNotFoundException, self.tower.get_control_operation, 404, operationIdentifier="00000000-0000-4000-8000-000000000000")


if __name__ == "__main__":
    main()
