package s3

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// bucket is one general purpose bucket.
type bucket struct {
	name, region string
	created      time.Time
	versioning   string                // none, Enabled, Suspended
	keys         []string              // sorted: every key with at least one version
	objects      map[string][]*version // newest first
	uploads      []*upload             // multipart uploads in progress, oldest first

	notifications notifications
	publicAccess  *publicAccessBlock
	encryption    encryptionRule
	policy        []byte
	tags          []tag
}

func arn(bucketName string) string { return "arn:aws:s3:::" + bucketName }

// bucketName is the rule of the User Guide, "General purpose bucket naming rules".
var (
	bucketName     = pattern.Compile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`)
	reservedName   = pattern.Compile(`^(xn--|sthree-|amzn-s3-demo-)|(-s3alias|--ol-s3|\.mrap|--x-s3|--table-s3)$|\.\.`)
	regionName     = pattern.Compile(`^[a-z]{2,}(-[a-z]+)+-\d+$`)
	firstRegion    = "us-east-1"
	defaultSecured = publicAccessBlock{true, true, true, true} // of new buckets since April 2023
)

// createBucket follows CreateBucket. Making a bucket again that one owns is BucketAlreadyOwnedByYou, but fine in us-east-1.
func (s *service) createBucket(r *request) (any, error) {
	if !bucketName.MatchString(r.bucketName) || reservedName.MatchString(r.bucketName) || net.ParseIP(r.bucketName) != nil {
		return nil, refuse(http.StatusBadRequest, "InvalidBucketName", "The specified bucket is not valid.", "BucketName", r.bucketName)
	}
	if r.Caller.Account != s.w.Management.ID {
		return nil, &wire.Unsupported{What: "buckets of member accounts"}
	}
	if r.sent.Get("x-amz-bucket-object-lock-enabled") == "true" {
		return nil, &wire.Unsupported{What: "S3 Object Lock"}
	}
	if o := r.sent.Get("x-amz-object-ownership"); o != "" && o != "BucketOwnerEnforced" {
		return nil, &wire.Unsupported{What: "object ownership " + o}
	}
	var in struct {
		LocationConstraint string
		Tags               []tag `xml:"Tags>Tag"`
		Rest               *rest `xml:",any"`
	}
	if len(r.payload.body) > 0 {
		if err := r.decode("CreateBucketConfiguration", &in); err != nil {
			return nil, err
		}
	}
	if err := checkTags(in.Tags, bucketTags); err != nil {
		return nil, err
	}
	region, err := s.constrain(r, in.LocationConstraint)
	if err != nil {
		return nil, err
	}
	if b := s.buckets[r.bucketName]; b != nil && (b.region != firstRegion || region != firstRegion) {
		return nil, refuse(http.StatusConflict, "BucketAlreadyOwnedByYou",
			"Your previous request to create the named bucket succeeded and you already own it.", "BucketName", r.bucketName)
	} else if b == nil {
		s.buckets[r.bucketName] = &bucket{
			name: r.bucketName, region: region, created: s.w.Now().UTC().Truncate(time.Second), tags: in.Tags,
			objects: map[string][]*version{}, encryption: defaultEncryption, publicAccess: &defaultSecured,
		}
	}
	r.header.Set("Location", "/"+r.bucketName)
	r.header.Set("x-amz-bucket-arn", arn(r.bucketName))
	return nil, nil
}

// constrain tells the Region of a new bucket: only the endpoint of us-east-1 makes buckets elsewhere.
func (s *service) constrain(r *request, constraint string) (string, error) {
	here := s.region(r)
	illegal := func(which string) error {
		return refuse(http.StatusBadRequest, "IllegalLocationConstraintException", "The "+which+
			" location constraint is incompatible for the region specific endpoint this request was sent to.")
	}
	if constraint == "EU" {
		constraint = "eu-west-1"
	}
	switch {
	case constraint == "" && here == firstRegion:
		return firstRegion, nil
	case constraint == "":
		return "", illegal("unspecified")
	case constraint == firstRegion || !regionName.MatchString(constraint):
		return "", refuse(http.StatusBadRequest, "InvalidLocationConstraint", "The specified location-constraint is not valid",
			"LocationConstraint", constraint)
	case here != firstRegion && here != constraint:
		return "", illegal(constraint)
	}
	return constraint, nil
}

// region is the Region whose endpoint the request was sent to.
func (s *service) region(r *request) string {
	if r.Region == "" {
		return s.w.Region
	}
	return r.Region
}

// find is the bucket that a request speaks of. Another Region's is a redirect (User Guide, "Making requests": request
// redirection), another owner's than expected a refusal ("Verifying bucket ownership with bucket owner condition").
func (s *service) find(r *request, name string) (*bucket, error) {
	b := s.buckets[name]
	if b == nil {
		return nil, refuse(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist", "BucketName", name)
	}
	owner := r.sent.Get("x-amz-expected-bucket-owner")
	if owner != "" && owner != s.w.Management.ID || r.Caller.Account != s.w.Management.ID {
		return nil, refuse(http.StatusForbidden, "AccessDenied", "Access Denied")
	}
	if s.region(r) != b.region && r.Operation != "GetBucketLocation" {
		r.header.Set("x-amz-bucket-region", b.region)
		return nil, refuse(http.StatusMovedPermanently, "PermanentRedirect",
			"The bucket you are attempting to access must be addressed using the specified endpoint. "+
				"Please send all future requests to this endpoint.",
			"Bucket", name, "Endpoint", name+".s3."+b.region+".amazonaws.com")
	}
	return b, nil
}

// headBucket follows HeadBucket.
func (s *service) headBucket(r *request) (any, error) {
	r.header.Set("x-amz-bucket-region", r.bucket.region)
	r.header.Set("x-amz-bucket-arn", arn(r.bucketName))
	r.header.Set("x-amz-access-point-alias", "false")
	r.header.Set("Content-Type", "application/xml")
	return nil, nil
}

// deleteBucket follows DeleteBucket: versions and delete markers must be gone, too.
func (s *service) deleteBucket(r *request) (any, error) {
	if len(r.bucket.keys) > 0 {
		message := "The bucket you tried to delete is not empty"
		if r.bucket.versioning != "" {
			message += ". You must delete all versions in the bucket."
		}
		return nil, refuse(http.StatusConflict, "BucketNotEmpty", message, "BucketName", r.bucketName)
	}
	delete(s.buckets, r.bucketName)
	r.status = http.StatusNoContent
	return nil, nil
}

// getBucketLocation follows GetBucketLocation: us-east-1 is an empty element.
func (s *service) getBucketLocation(r *request) (any, error) {
	region := r.bucket.region
	if region == firstRegion {
		region = ""
	}
	return document{"LocationConstraint", region}, nil
}

type owner struct{ ID string }

// owner is the canonical user that stands for the management account.
func (s *service) owner() *owner {
	sum := sha256.Sum256([]byte("canonical user " + s.w.Management.ID))
	return &owner{ID: hex.EncodeToString(sum[:])}
}

type listedBucket struct {
	Name         string
	CreationDate string
	BucketRegion string `xml:",omitempty"`
	BucketArn    string `xml:",omitempty"`
}

// listBuckets follows ListBuckets: BucketRegion is told when any of the parameters is used.
func (s *service) listBuckets(r *request) (any, error) {
	var out struct {
		Buckets struct {
			Bucket []listedBucket
		}
		Owner             *owner
		ContinuationToken string `xml:",omitempty"`
		Prefix            string `xml:",omitempty"`
	}
	paged := false
	for _, name := range []string{"prefix", "bucket-region", "max-buckets", "continuation-token"} {
		paged = paged || r.query.Has(name)
	}
	most, err := r.number("max-buckets", 10000)
	if err != nil || most == 0 {
		return nil, invalidArgument("Argument max-buckets must be an integer between 1 and 10000", "max-buckets",
			r.query.Get("max-buckets"))
	}
	after, err := r.token("continuation-token")
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(s.buckets))
	for name := range s.buckets {
		names = append(names, name)
	}
	slices.Sort(names)
	out.Owner, out.Prefix = s.owner(), r.query.Get("prefix")
	if r.Caller.Account != s.w.Management.ID {
		names = nil
	}
	for _, name := range names {
		b := s.buckets[name]
		region := r.query.Get("bucket-region")
		if name <= after || !strings.HasPrefix(name, out.Prefix) || region != "" && region != b.region {
			continue
		}
		if len(out.Buckets.Bucket) == most {
			out.ContinuationToken = token(out.Buckets.Bucket[most-1].Name)
			break
		}
		line := listedBucket{Name: name, CreationDate: stamp(b.created)}
		if paged {
			line.BucketRegion, line.BucketArn = b.region, arn(name)
		}
		out.Buckets.Bucket = append(out.Buckets.Bucket, line)
	}
	return document{"ListAllMyBucketsResult", out}, nil
}
