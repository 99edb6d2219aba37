package s3_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

func TestBucketsAreMadeWhereTheyMayBe(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		region     string
		constraint types.BucketLocationConstraint
		bucket     string
		twice      bool
		want       string // code, or the Region of the bucket
	}{
		"in us-east-1 without a constraint":       {region: "us-east-1", want: "us-east-1"},
		"in us-east-1 with its own name":          {region: "us-east-1", constraint: "us-east-1", want: "400 InvalidLocationConstraint"},
		"elsewhere from us-east-1":                {region: "us-east-1", constraint: "eu-west-1", want: "eu-west-1"},
		"the old name of Ireland":                 {region: "us-east-1", constraint: "EU", want: "eu-west-1"},
		"in a Region with its own name":           {region: "eu-west-1", constraint: "eu-west-1", want: "eu-west-1"},
		"in a Region without a constraint":        {region: "eu-west-1", want: "400 IllegalLocationConstraintException"},
		"elsewhere from another Region":           {region: "eu-west-1", constraint: "eu-west-2", want: "400 IllegalLocationConstraintException"},
		"in no Region":                            {region: "us-east-1", constraint: "nowhere", want: "400 InvalidLocationConstraint"},
		"twice in us-east-1, which is fine there": {region: "us-east-1", twice: true, want: "us-east-1"},
		"twice anywhere else":                     {region: "eu-west-1", constraint: "eu-west-1", twice: true, want: "409 BucketAlreadyOwnedByYou"},
		"with capital letters":                    {region: "us-east-1", bucket: "Lists", want: "400 InvalidBucketName"},
		"with two letters":                        {region: "us-east-1", bucket: "ab", want: "400 InvalidBucketName"},
		"like an IP address":                      {region: "us-east-1", bucket: "192.168.5.4", want: "400 InvalidBucketName"},
		"with a reserved suffix":                  {region: "us-east-1", bucket: "lists-s3alias", want: "400 InvalidBucketName"},
		"with two dots in a row":                  {region: "us-east-1", bucket: "my..lists", want: "400 InvalidBucketName"},
		"with 64 letters":                         {region: "us-east-1", bucket: strings.Repeat("a", 64), want: "400 InvalidBucketName"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, test.region)
			in := &awss3.CreateBucketInput{Bucket: aws.String("lists")}
			if test.bucket != "" {
				in.Bucket = &test.bucket
			}
			if test.constraint != "" {
				in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: test.constraint}
			}
			_, err := s.CreateBucket(t.Context(), in)
			if test.twice {
				_, err = s.CreateBucket(t.Context(), in)
			}
			got := code(err)
			if err == nil {
				location, err := s.GetBucketLocation(t.Context(), &awss3.GetBucketLocationInput{Bucket: in.Bucket})
				if err != nil {
					t.Fatal(err)
				}
				if got = string(location.LocationConstraint); got == "" {
					got = "us-east-1"
				}
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestBucketsOfAnotherRegionRedirect(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	_, err := s.CreateBucket(t.Context(), &awss3.CreateBucketInput{
		Bucket:                    aws.String("lists"),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("lists")})
	if got := code(err); got != "301 PermanentRedirect" || s.last.Get("x-amz-bucket-region") != "eu-west-1" {
		t.Errorf("%s, Region %s", got, s.last.Get("x-amz-bucket-region"))
	}
	_, err = s.client("eu-west-1", s).ListObjectsV2(t.Context(), &awss3.ListObjectsV2Input{Bucket: aws.String("lists")})
	if err != nil {
		t.Error(err)
	}
}

func TestABucketIsDeletedOnlyWhenNothingIsLeft(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists", "Enabled")
	id := s.put("lists", "k", "hello")
	remove := func(version string) {
		in := &awss3.DeleteObjectInput{Bucket: aws.String("lists"), Key: aws.String("k")}
		if version != "" {
			in.VersionId = &version
		}
		out, err := s.DeleteObject(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		id = aws.ToString(out.VersionId)
	}
	gone := func(want string) {
		t.Helper()
		_, err := s.DeleteBucket(t.Context(), &awss3.DeleteBucketInput{Bucket: aws.String("lists")})
		if got := code(err); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	gone("409 BucketNotEmpty")
	remove(id)
	remove("") // leaves a delete marker
	gone("409 BucketNotEmpty")
	remove(id)
	gone("")
	gone("404 NoSuchBucket")
	_, err := s.HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: aws.String("lists")})
	if got := code(err); got != "404 NotFound" {
		t.Errorf("head: %s", got)
	}
}

func TestListingBuckets(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	for _, name := range []string{"b-two", "a-one", "b-one"} {
		s.bucket(name)
	}
	var got []string
	in := &awss3.ListBucketsInput{Prefix: aws.String("b-"), MaxBuckets: aws.Int32(1)}
	for p := awss3.NewListBucketsPaginator(s.Client, in); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Buckets {
			got = append(got, aws.ToString(b.Name)+" "+aws.ToString(b.BucketRegion))
		}
	}
	if diff := cmp.Diff([]string{"b-one us-east-1", "b-two us-east-1"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestNobodyElseComesIn(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	s.world.Do(func() { s.world.Grant("ASIAMEMBER", world.Caller{Account: "222222222222"}) })
	as := []string{"Authorization", "AWS4-HMAC-SHA256 Credential=ASIAMEMBER/20261101/us-east-1/s3/aws4_request"}
	for target, want := range map[string]string{"/lists/k": "AccessDenied", "/lists": "AccessDenied", "/": "<Buckets></Buckets>"} {
		if _, _, body := s.send("GET", target, "", as...); !strings.Contains(body, want) {
			t.Errorf("%s: %s", target, body)
		}
	}
}

func TestHeadOfABucket(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	out, err := s.HeadBucket(t.Context(), &awss3.HeadBucketInput{Bucket: aws.String("lists")})
	if err != nil || aws.ToString(out.BucketRegion) != "us-east-1" {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestSettings(t *testing.T) {
	t.Parallel()
	const ns = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`
	kms := "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>" +
		"</ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>"
	policy := func(effect, principal, more string) string {
		return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":%q,"Principal":%s,"Action":"s3:*","Resource":"arn:aws:s3:::lists/*"%s}]}`,
			effect, principal, more)
	}
	tls := policy("Deny", `"*"`, `,"Condition":{"Bool":{"aws:SecureTransport":"false"}}`)
	for name, test := range map[string]struct {
		setting string
		put     []string // one after the other
		remove  bool
		status  int    // of the last put or the delete
		want    string // in the answer to the last put if it is an error, else to get
	}{
		"a new bucket has no versioning":       {setting: "versioning", want: "<VersioningConfiguration" + ns + "></VersioningConfiguration>"},
		"versioning once enabled":              {setting: "versioning", put: []string{"<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"}, status: 200, want: "<Status>Enabled</Status>"},
		"versioning in no known state":         {setting: "versioning", put: []string{"<VersioningConfiguration><Status>On</Status></VersioningConfiguration>"}, status: 400, want: "IllegalVersioningConfigurationException"},
		"MFA delete":                           {setting: "versioning", put: []string{"<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>"}, status: 501, want: "MFA delete"},
		"another document":                     {setting: "versioning", put: []string{"<Versioning/>"}, status: 400, want: "MalformedXML"},
		"no document":                          {setting: "versioning", put: []string{""}, status: 400, want: "MalformedXML"},
		"two documents":                        {setting: "versioning", put: []string{"<VersioningConfiguration/><VersioningConfiguration/>"}, status: 400, want: "MalformedXML"},
		"a new bucket blocks public access":    {setting: "publicAccessBlock", want: "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>true</IgnorePublicAcls><BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>true</RestrictPublicBuckets>"},
		"what is left out of the block is off": {setting: "publicAccessBlock", put: []string{"<PublicAccessBlockConfiguration><BlockPublicAcls>true</BlockPublicAcls></PublicAccessBlockConfiguration>"}, status: 200, want: "<BlockPublicPolicy>false</BlockPublicPolicy>"},
		"the block taken away":                 {setting: "publicAccessBlock", remove: true, status: 204, want: "NoSuchPublicAccessBlockConfiguration"},
		"a new bucket encrypts by itself":      {setting: "encryption", want: "<SSEAlgorithm>AES256</SSEAlgorithm>"},
		"encryption by KMS":                    {setting: "encryption", put: []string{kms}, status: 200, want: "<SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true"},
		"encryption taken away is the default": {setting: "encryption", put: []string{kms}, remove: true, status: 204, want: "AES256"},
		"encryption by nothing known":          {setting: "encryption", put: []string{strings.ReplaceAll(kms, "aws:kms", "rot13")}, status: 400, want: "MalformedXML"},
		"an element of S3 that is not here":    {setting: "encryption", put: []string{strings.ReplaceAll(kms, "BucketKeyEnabled>", "BlockedEncryptionTypes>")}, status: 501, want: "element BlockedEncryptionTypes"},
		"a new bucket has no policy":           {setting: "policy", want: "NoSuchBucketPolicy"},
		"a policy comes back as it was":        {setting: "policy", put: []string{tls}, status: 204, want: tls},
		"a policy with one statement":          {setting: "policy", put: []string{`{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}`}, status: 204, want: "Deny"},
		"a policy taken away":                  {setting: "policy", put: []string{tls}, remove: true, status: 204, want: "NoSuchBucketPolicy"},
		"a policy that lets everybody in":      {setting: "policy", put: []string{policy("Allow", `{"AWS":["*"]}`, "")}, status: 403, want: "AccessDenied"},
		"a policy that lets somebody in":       {setting: "policy", put: []string{policy("Allow", `{"Service":"events.amazonaws.com"}`, "")}, status: 204, want: "events"},
		"a policy that is no JSON":             {setting: "policy", put: []string{"{"}, status: 400, want: "MalformedPolicy"},
		"a policy without statements":          {setting: "policy", put: []string{"{}"}, status: 400, want: "MalformedPolicy"},
		"a policy with half an effect":         {setting: "policy", put: []string{policy("Perhaps", `"*"`, "")}, status: 400, want: "MalformedPolicy"},
		"a new bucket has no tags":             {setting: "tagging", want: "NoSuchTagSet"},
		"tags":                                 {setting: "tagging", put: []string{"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"}, status: 204, want: "<TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet>"},
		"tags taken away":                      {setting: "tagging", put: []string{"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>"}, remove: true, status: 204, want: "NoSuchTagSet"},
		"a tag twice":                          {setting: "tagging", put: []string{"<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag><Key>a</Key></Tag></TagSet></Tagging>"}, status: 400, want: "InvalidTag"},
		"a tag of AWS's own":                   {setting: "tagging", put: []string{"<Tagging><TagSet><Tag><Key>aws:x</Key></Tag></TagSet></Tagging>"}, status: 400, want: "InvalidTag"},
		"a new bucket tells nobody":            {setting: "notification", want: "<NotificationConfiguration" + ns + "></NotificationConfiguration>"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists")
			status, body := 0, ""
			for _, document := range test.put {
				status, _, body = s.send("PUT", "/lists?"+test.setting, document)
			}
			if test.remove {
				status, _, body = s.send("DELETE", "/lists?"+test.setting, "")
			}
			if status != test.status {
				t.Errorf("%d %s, want %d", status, body, test.status)
			}
			if status < 300 {
				_, _, body = s.send("GET", "/lists?"+test.setting, "")
			}
			if !strings.Contains(body, test.want) {
				t.Errorf("%s\nwant %s", body, test.want)
			}
		})
	}
}

func TestOperationsAreToldByTheirNames(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	for request, want := range map[string]string{
		"GET http://127.0.0.1/":                                "ListBuckets",
		"GET http://127.0.0.1/?x-id=ListBuckets":               "ListBuckets",
		"PUT http://127.0.0.1/lists":                           "CreateBucket",
		"PUT http://127.0.0.1/lists/":                          "CreateBucket",
		"GET http://127.0.0.1/lists":                           "ListObjects",
		"GET http://127.0.0.1/lists?list-type=2":               "ListObjectsV2",
		"GET http://127.0.0.1/lists?versions":                  "ListObjectVersions",
		"GET http://127.0.0.1/lists?uploads":                   "ListMultipartUploads",
		"POST http://127.0.0.1/lists?delete":                   "DeleteObjects",
		"PUT http://127.0.0.1/lists?lifecycle":                 "PutBucketLifecycleConfiguration",
		"GET http://127.0.0.1/lists?inventory":                 "ListBucketInventoryConfigurations",
		"GET http://127.0.0.1/lists?inventory&id=x":            "GetBucketInventoryConfiguration",
		"GET http://127.0.0.1/lists/k?x-id=GetObject":          "GetObject",
		"PUT http://127.0.0.1/lists/k?x-id=PutObject":          "PutObject",
		"PUT http://127.0.0.1/lists/k?partNumber=1&uploadId=u": "UploadPart",
		"POST http://127.0.0.1/lists/k?uploads":                "CreateMultipartUpload",
		"POST http://127.0.0.1/lists/k?uploadId=u":             "CompleteMultipartUpload",
		"DELETE http://127.0.0.1/lists/k?uploadId=u":           "AbortMultipartUpload",
		"GET http://127.0.0.1/lists/k?uploadId=u":              "ListParts",
		"GET http://127.0.0.1/lists/k?acl":                     "GetObjectAcl",
		"POST http://127.0.0.1/lists/k?select&select-type=2":   "SelectObjectContent",
		"GET http://lists.localhost:4566/":                     "ListObjects",
		"GET http://lists.s3.localhost:4566/k":                 "GetObject",
		"GET http://localhost:4566/":                           "ListBuckets",
		"GET http://s3.localhost:4566/":                        "ListBuckets",
		"GET http://s3.eu-west-1.amazonaws.com/lists":          "ListObjects",
		"GET http://my.lists.s3.eu-west-1.amazonaws.com/k":     "GetObject",
		"HEAD http://lists.s3.amazonaws.com/":                  "HeadBucket",
		"PATCH http://127.0.0.1/lists":                         "",
	} {
		method, target, _ := strings.Cut(request, " ")
		r, err := http.NewRequestWithContext(t.Context(), method, target, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &wire.Call{Request: r}
		if s.service.Resolve(c); c.Operation != want || c.Protocol != wire.RESTXML {
			t.Errorf("%s is %q, want %q", request, c.Operation, want)
		}
	}
}
