package world

// Control is a control of AWS Control Tower, as the AWS Control Tower Controls Reference Guide describes it.
type Control struct {
	Name       string   // "AWS-GR_ENCRYPTED_VOLUMES": how its ARN in a Region ends
	Global     string   // how its ARN in Control Catalog ends; empty where no page that is at hand says it
	Policy     bool     // whether it is a service control policy, and prevents; it is an AWS Config rule else, and detects
	Fixed      bool     // whether the API can't change it: it is mandatory, or the landing zone's Region deny control
	Parameters []string // the keys that it may be configured with

	everywhere bool // mandatory on every registered unit
	security   bool // mandatory on the Security unit
	before4    bool // no longer there with landing zone 4.0
}

// ControlNamed finds a control by how one of its ARNs ends; nil when the sandbox knows none of that name.
func ControlNamed(name string) *Control {
	for i := range controls {
		if c := &controls[i]; name != "" && (c.Name == name || c.Global == name) {
			return c
		}
	}
	return nil
}

// Behavior is PREVENTIVE or DETECTIVE.
func (c *Control) Behavior() string {
	if c.Policy {
		return "PREVENTIVE"
	}
	return "DETECTIVE"
}

// The parameters of controls that are policies (AWS Control Tower Controls Reference Guide, "Controls with parameters").
const (
	exemptedPrincipals = "ExemptedPrincipalArns"
	exemptAssumeRoot   = "ExemptAssumeRoot"
)

// controls are those that the Controls Reference Guide names in "Controls that cannot be changed with the AWS Control Tower
// APIs", in "Mandatory controls" with what landing zone 4.0 changes, and in "Identifiers for legacy controls". Hundreds of
// others have opaque names only; the sandbox does not know what they are.
var controls = []Control{
	// mandatory on all units
	{Name: "AWS-GR_CLOUDTRAIL_CHANGE_PROHIBITED", Global: "1iskvg0qcxofs1t78ittjbnr5", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CLOUDTRAIL_CLOUDWATCH_LOGS_ENABLED", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CLOUDTRAIL_ENABLED", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CLOUDTRAIL_VALIDATION_ENABLED", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CLOUDWATCH_EVENTS_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_CONFIG_AGGREGATION_AUTHORIZATION_POLICY", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CONFIG_AGGREGATION_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_CONFIG_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_CONFIG_ENABLED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_CONFIG_RULE_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true, before4: true},
	{Name: "AWS-GR_IAM_ROLE_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_LAMBDA_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_LOG_GROUP_POLICY", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_SNS_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},
	{Name: "AWS-GR_SNS_SUBSCRIPTION_CHANGE_PROHIBITED", Policy: true, Fixed: true, everywhere: true},

	// mandatory on the Security unit
	{Name: "AWS-GR_CT_AUDIT_BUCKET_ENCRYPTION_CHANGES_PROHIBITED", Global: "1hgbgne5nxz2xtw51snbmli9b", Policy: true, Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_CT_AUDIT_BUCKET_LOGGING_CONFIGURATION_CHANGES_PROHIBITED", Policy: true, Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_CT_AUDIT_BUCKET_POLICY_CHANGES_PROHIBITED", Policy: true, Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_CT_AUDIT_BUCKET_LIFECYCLE_CONFIGURATION_CHANGES_PROHIBITED", Policy: true, Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_AUDIT_BUCKET_DELETION_PROHIBITED", Global: "3cerasw3dhjqcwatjqo2gk3wj", Policy: true, Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_AUDIT_BUCKET_PUBLIC_READ_PROHIBITED", Global: "9jzlkwys54gzgsx3pmkqnx8l1", Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_AUDIT_BUCKET_PUBLIC_WRITE_PROHIBITED", Fixed: true, security: true, before4: true},
	{Name: "AWS-GR_DETECT_CLOUDTRAIL_ENABLED_ON_SHARED_ACCOUNTS", Fixed: true, security: true, before4: true}, // as lists show it
	{Name: "AWS-GR_ENSURE_CLOUDTRAIL_ENABLED_ON_SHARED_ACCOUNTS", Fixed: true},                                // as the guide calls it

	// changed in the console only
	{Name: "AWS-GR_REGION_DENY", Policy: true, Fixed: true},

	// strongly recommended
	{Name: "AWS-GR_ENCRYPTED_VOLUMES", Global: "503uicglhjkokaajywfpt6ros"},
	{Name: "AWS-GR_EBS_OPTIMIZED_INSTANCE", Global: "2j9gjxqfo040xtx8kd1jf4ni6"},
	{Name: "AWS-GR_EC2_VOLUME_INUSE_CHECK", Global: "8c3i4catfgmyy1e19476v06rr"},
	{Name: "AWS-GR_RDS_INSTANCE_PUBLIC_ACCESS_CHECK", Global: "4jc77cq1lcr7g64xywwypykv8"},
	{Name: "AWS-GR_RDS_SNAPSHOTS_PUBLIC_PROHIBITED", Global: "1h4eyqyyonp19dlrreqf1i3w0"},
	{Name: "AWS-GR_RDS_STORAGE_ENCRYPTED", Global: "e34kieahgkm0lggs5g0s412jt"},
	{Name: "AWS-GR_RESTRICTED_COMMON_PORTS", Global: "df2ta5ytg2zatj1q7y5e09u32"},
	{Name: "AWS-GR_RESTRICTED_SSH", Global: "6rilu41n0gb9w6mxrkyewoer4"},
	{Name: "AWS-GR_RESTRICT_ROOT_USER", Global: "5kvme4m5d2b4d7if2fs5yg2ui", Policy: true, Parameters: []string{exemptedPrincipals, exemptAssumeRoot}},
	{Name: "AWS-GR_RESTRICT_ROOT_USER_ACCESS_KEYS", Global: "8ui9y3oace2513xarz8aqojl7", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_ROOT_ACCOUNT_MFA_ENABLED", Global: "24izmu4k16gv9tvd7sexnyrfy"},
	{Name: "AWS-GR_S3_BUCKET_PUBLIC_READ_PROHIBITED", Global: "8sw3pbid15t9cbww8d2w2qwgf"},
	{Name: "AWS-GR_S3_BUCKET_PUBLIC_WRITE_PROHIBITED", Global: "9j9nwxj789d82sypnukhyyowy"},
	{Name: "AWS-GR_DETECT_CLOUDTRAIL_ENABLED_ON_MEMBER_ACCOUNTS", Global: "8sdhbqfe2fsmh3b1i2b24xaic"},

	// elective
	{Name: "AWS-GR_AUDIT_BUCKET_ENCRYPTION_ENABLED", Global: "k4izcjxhukijhajp6ks5mjxk", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_AUDIT_BUCKET_LOGGING_ENABLED", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_AUDIT_BUCKET_POLICY_CHANGES_PROHIBITED", Global: "4wtwsih93j7vct3k0pyvrs3e2", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_AUDIT_BUCKET_RETENTION_POLICY", Global: "ew9b99j144ugzye49kokym66c", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_IAM_USER_MFA_ENABLED"},
	{Name: "AWS-GR_MFA_ENABLED_FOR_IAM_CONSOLE_ACCESS"},
	{Name: "AWS-GR_RESTRICT_S3_CROSS_REGION_REPLICATION", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_RESTRICT_S3_DELETE_WITHOUT_MFA", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_S3_VERSIONING_ENABLED"},

	// elective, of data residency
	{Name: "AWS-GR_SUBNET_AUTO_ASSIGN_PUBLIC_IP_DISABLED", Global: "50z1ot237wl8u1lv5ufau6qqo"},
	{Name: "AWS-GR_AUTOSCALING_LAUNCH_CONFIG_PUBLIC_IP_DISABLED", Global: "aemn4s3hxv9erree434pvjboi"},
	{Name: "AWS-GR_DISALLOW_CROSS_REGION_NETWORKING", Global: "dvuaav61i5cnfazfelmvn9m6k", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_DISALLOW_VPC_INTERNET_ACCESS", Global: "41ngl8m5c4eb1myoz0t707n7h", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_DISALLOW_VPN_CONNECTIONS", Global: "5rlqt6yj6u0v0gb62pqdy4ae", Policy: true, Parameters: []string{exemptedPrincipals}},
	{Name: "AWS-GR_DMS_REPLICATION_NOT_PUBLIC", Global: "dekrrxbiux86m6jdowdsbamze"},
	{Name: "AWS-GR_EBS_SNAPSHOT_PUBLIC_RESTORABLE_CHECK", Global: "87qo8rsoettjrxjevmjqcw1tu"},
	{Name: "AWS-GR_EC2_INSTANCE_NO_PUBLIC_IP", Global: "4v7xtm83uvvyulk1wwpm4qm3s"},
	{Name: "AWS-GR_EKS_ENDPOINT_NO_PUBLIC_ACCESS", Global: "aeellyghb27pbehyzua1nyena"},
	{Name: "AWS-GR_ELASTICSEARCH_IN_VPC_ONLY", Global: "2civrte1w8tqff4vbtzdl4abq"},
	{Name: "AWS-GR_EMR_MASTER_NO_PUBLIC_IP", Global: "5cnql6so7p7bs0khdjodjr9e2"},
	{Name: "AWS-GR_LAMBDA_FUNCTION_PUBLIC_ACCESS_PROHIBITED", Global: "b2gzofz99eb7nsuj5g8wcimse"},
	{Name: "AWS-GR_NO_UNRESTRICTED_ROUTE_TO_IGW", Global: "b8pjfqosgkgknznstduvel4rh"},
	{Name: "AWS-GR_REDSHIFT_CLUSTER_PUBLIC_ACCESS_CHECK", Global: "1oxkwnc4hwhi2ndv6ekwy7np7"},
	{Name: "AWS-GR_S3_ACCOUNT_LEVEL_PUBLIC_ACCESS_BLOCKS_PERIODIC", Global: "6wmutsohbkwhfw6sf7cbt5e81"},
	{Name: "AWS-GR_SAGEMAKER_NOTEBOOK_NO_DIRECT_INTERNET_ACCESS", Global: "66gfl06uj1v999z53szvu0exa"},
	{Name: "AWS-GR_SSM_DOCUMENT_NOT_PUBLIC", Global: "dfanrd8y5p7oj8fjyugqnakfr"},
}
