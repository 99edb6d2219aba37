package s3

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// getBucketVersioning follows GetBucketVersioning: a bucket that never had versioning has no Status.
func (s *service) getBucketVersioning(r *request) (any, error) {
	return document{"VersioningConfiguration", struct {
		Status string `xml:",omitempty"`
	}{r.bucket.versioning}}, nil
}

// putBucketVersioning follows PutBucketVersioning.
func (s *service) putBucketVersioning(r *request) (any, error) {
	var in struct {
		Status    string
		MfaDelete string
		Rest      *rest `xml:",any"`
	}
	if err := r.decode("VersioningConfiguration", &in); err != nil {
		return nil, err
	}
	if in.MfaDelete != "" && in.MfaDelete != "Disabled" {
		return nil, &wire.Unsupported{What: "MFA delete of Amazon S3"}
	}
	if in.Status != enabled && in.Status != suspended {
		return nil, refuse(http.StatusBadRequest, "IllegalVersioningConfigurationException",
			"The versioning configuration specified in the request is not valid.")
	}
	r.bucket.versioning = in.Status
	return nil, nil
}

// publicAccessBlock is PublicAccessBlockConfiguration.
type publicAccessBlock struct {
	BlockPublicAcls       bool
	IgnorePublicAcls      bool
	BlockPublicPolicy     bool
	RestrictPublicBuckets bool
}

// getPublicAccessBlock follows GetPublicAccessBlock. New buckets have all four settings on.
func (s *service) getPublicAccessBlock(r *request) (any, error) {
	if r.bucket.publicAccess == nil {
		return nil, absent("NoSuchPublicAccessBlockConfiguration", "The public access block configuration was not found", r)
	}
	return document{"PublicAccessBlockConfiguration", *r.bucket.publicAccess}, nil
}

// putPublicAccessBlock follows PutPublicAccessBlock: a setting that is left out is off.
func (s *service) putPublicAccessBlock(r *request) (any, error) {
	var in struct {
		publicAccessBlock
		Rest *rest `xml:",any"`
	}
	if err := r.decode("PublicAccessBlockConfiguration", &in); err != nil {
		return nil, err
	}
	r.bucket.publicAccess = &in.publicAccessBlock
	return nil, nil
}

// deletePublicAccessBlock follows DeletePublicAccessBlock.
func (s *service) deletePublicAccessBlock(r *request) (any, error) {
	r.bucket.publicAccess = nil
	return noContent(r)
}

// encryptionRule is the one rule of a ServerSideEncryptionConfiguration.
type encryptionRule struct {
	Default struct {
		SSEAlgorithm   string
		KMSMasterKeyID string `xml:",omitempty"`
		Rest           *rest  `xml:",any"`
	} `xml:"ApplyServerSideEncryptionByDefault"`
	BucketKeyEnabled bool
	Rest             *rest `xml:",any"`
}

type encryption struct {
	Rule []encryptionRule
	Rest *rest `xml:",any"`
}

// defaultEncryption is SSE-S3, which every bucket has (User Guide, "Setting default server-side encryption behavior").
var defaultEncryption = func() (rule encryptionRule) {
	rule.Default.SSEAlgorithm = "AES256"
	return rule
}()

var encryptions = []string{"AES256", "aws:kms", "aws:kms:dsse"}

// getBucketEncryption follows GetBucketEncryption.
func (s *service) getBucketEncryption(r *request) (any, error) {
	return document{"ServerSideEncryptionConfiguration", encryption{Rule: []encryptionRule{r.bucket.encryption}}}, nil
}

// putBucketEncryption follows PutBucketEncryption.
func (s *service) putBucketEncryption(r *request) (any, error) {
	var in encryption
	if err := r.decode("ServerSideEncryptionConfiguration", &in); err != nil {
		return nil, err
	}
	if len(in.Rule) != 1 || !slices.Contains(encryptions, in.Rule[0].Default.SSEAlgorithm) {
		return nil, refuse(http.StatusBadRequest, "MalformedXML",
			"The XML you provided was not well-formed or did not validate against our published schema")
	}
	if d := in.Rule[0].Default; d.SSEAlgorithm == "AES256" && d.KMSMasterKeyID != "" {
		return nil, invalidArgument("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms",
			"ApplyServerSideEncryptionByDefault", d.KMSMasterKeyID)
	}
	r.bucket.encryption = in.Rule[0]
	return nil, nil
}

// deleteBucketEncryption follows DeleteBucketEncryption: "resets the default encryption for the bucket" to SSE-S3.
func (s *service) deleteBucketEncryption(r *request) (any, error) {
	r.bucket.encryption = defaultEncryption
	return noContent(r)
}

// getBucketPolicy follows GetBucketPolicy: the policy comes back as it was put.
func (s *service) getBucketPolicy(r *request) (any, error) {
	if r.bucket.policy == nil {
		return nil, absent("NoSuchBucketPolicy", "The bucket policy does not exist", r)
	}
	r.header.Set("Content-Type", "application/json")
	return content(r.bucket.policy), nil
}

// putBucketPolicy follows PutBucketPolicy. It looks at the policy's form, and whether it opens the bucket to everybody,
// which BlockPublicPolicy forbids (User Guide, "Blocking public access to your Amazon S3 storage").
func (s *service) putBucketPolicy(r *request) (any, error) {
	malformed := func(message string) error { return refuse(http.StatusBadRequest, "MalformedPolicy", message) }
	if len(r.payload.body) > 20<<10 {
		return nil, refuse(http.StatusBadRequest, "PolicyTooLarge", "Policy exceeds the maximum allowed document size.")
	}
	var policy struct {
		Version   string
		Statement statements
	}
	body := bytes.TrimSpace(r.payload.body)
	if !bytes.HasPrefix(body, []byte("{")) {
		return nil, malformed("Policies must be valid JSON and the first byte must be '{'")
	}
	if err := json.Unmarshal(body, &policy); err != nil {
		return nil, malformed("This policy contains invalid Json")
	}
	if len(policy.Statement) == 0 {
		return nil, malformed("Missing required field Statement")
	}
	for _, st := range policy.Statement {
		switch {
		case st.Effect != "Allow" && st.Effect != "Deny":
			return nil, malformed("Invalid effect: " + st.Effect)
		case st.Principal == nil && st.NotPrincipal == nil:
			return nil, malformed("Missing required field Principal")
		case st.Action == nil && st.NotAction == nil:
			return nil, malformed("Missing required field Action")
		case st.Resource == nil && st.NotResource == nil:
			return nil, malformed("Missing required field Resource")
		}
		if p := r.bucket.publicAccess; p != nil && p.BlockPublicPolicy && st.public() {
			return nil, refuse(http.StatusForbidden, "AccessDenied",
				"public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.")
		}
	}
	r.bucket.policy = r.payload.body
	return noContent(r)
}

// statement is one statement of a bucket policy.
type statement struct {
	Effect                  string
	Principal, NotPrincipal any
	Action, NotAction       any
	Resource, NotResource   any
	Condition               any
}

// statements may be one statement without a list around it (IAM User Guide, "Grammar of the IAM JSON policy language").
type statements []statement

// UnmarshalJSON reads a statement or a list of them.
func (l *statements) UnmarshalJSON(raw []byte) error {
	if bytes.HasPrefix(raw, []byte("[")) {
		return json.Unmarshal(raw, (*[]statement)(l))
	}
	*l = make(statements, 1)
	return json.Unmarshal(raw, &(*l)[0])
}

// public says whether the statement lets everybody in, whatever the circumstances.
func (st statement) public() bool {
	principal := st.Principal
	if by, ok := principal.(map[string]any); ok {
		principal = by["AWS"]
	}
	if list, ok := principal.([]any); ok && slices.Contains(list, any("*")) {
		principal = "*"
	}
	return st.Effect == "Allow" && st.Condition == nil && principal == any("*")
}

// deleteBucketPolicy follows DeleteBucketPolicy.
func (s *service) deleteBucketPolicy(r *request) (any, error) {
	r.bucket.policy = nil
	return noContent(r)
}

func noContent(r *request) (any, error) {
	r.status = http.StatusNoContent
	return nil, nil
}

// absent is the answer to asking for a setting that the bucket has not.
func absent(code, message string, r *request) error {
	return refuse(http.StatusNotFound, code, message, "BucketName", r.bucketName)
}
