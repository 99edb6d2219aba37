package s3

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/vend-cli/vend/internal/pattern"
	"github.com/vend-cli/vend/internal/sandbox/wire"
)

// Resolve tells the operation from method, path and sub-resource, as the request syntax of each page of the API Reference
// has it. The x-id parameter, with which newer SDKs name the operation, is a hint that S3 does not heed.
func (s *service) Resolve(c *wire.Call) {
	c.Protocol = wire.RESTXML
	bucketName, key := address(c.Request)
	level := "service"
	switch {
	case key != "":
		level = "object"
	case bucketName != "":
		level = "bucket"
	}
	query := c.Request.URL.Query()
	for _, r := range routes[c.Request.Method+" "+level] {
		if r.matches(query, c.Request.Header) {
			c.Operation = r.operation
			return
		}
	}
}

// route is one operation of a method on a bucket or an object, and the parameter that tells it from the others.
type route struct{ parameter, operation string }

func (r route) matches(query url.Values, header http.Header) bool {
	switch r.parameter {
	case "":
		return true
	case copySource:
		return header.Get(copySource) != ""
	case partCopy:
		return query.Has("uploadId") && header.Get(copySource) != ""
	}
	for name := range strings.SplitSeq(r.parameter, "&") {
		if !query.Has(name) {
			return false
		}
	}
	return true
}

const (
	copySource = "x-amz-copy-source"
	partCopy   = "uploadId and " + copySource
)

// routes are tried in order.
var routes = map[string][]route{
	"GET service": {{"", "ListBuckets"}},

	"HEAD bucket": {{"", "HeadBucket"}},
	"GET bucket": {
		{"analytics&id", "GetBucketAnalyticsConfiguration"},
		{"intelligent-tiering&id", "GetBucketIntelligentTieringConfiguration"},
		{"inventory&id", "GetBucketInventoryConfiguration"},
		{"metrics&id", "GetBucketMetricsConfiguration"},
		{"abac", "GetBucketAbac"},
		{"accelerate", "GetBucketAccelerateConfiguration"},
		{"acl", "GetBucketAcl"},
		{"analytics", "ListBucketAnalyticsConfigurations"},
		{"cors", "GetBucketCors"},
		{"encryption", "GetBucketEncryption"},
		{"intelligent-tiering", "ListBucketIntelligentTieringConfigurations"},
		{"inventory", "ListBucketInventoryConfigurations"},
		{"lifecycle", "GetBucketLifecycleConfiguration"},
		{"list-type", "ListObjectsV2"},
		{"location", "GetBucketLocation"},
		{"logging", "GetBucketLogging"},
		{"metadataConfiguration", "GetBucketMetadataConfiguration"},
		{"metadataTable", "GetBucketMetadataTableConfiguration"},
		{"metrics", "ListBucketMetricsConfigurations"},
		{"notification", "GetBucketNotificationConfiguration"},
		{"object-lock", "GetObjectLockConfiguration"},
		{"ownershipControls", "GetBucketOwnershipControls"},
		{"policy", "GetBucketPolicy"},
		{"policyStatus", "GetBucketPolicyStatus"},
		{"publicAccessBlock", "GetPublicAccessBlock"},
		{"replication", "GetBucketReplication"},
		{"requestPayment", "GetBucketRequestPayment"},
		{"session", "CreateSession"},
		{"tagging", "GetBucketTagging"},
		{"uploads", "ListMultipartUploads"},
		{"versioning", "GetBucketVersioning"},
		{"versions", "ListObjectVersions"},
		{"website", "GetBucketWebsite"},
		{"", "ListObjects"},
	},
	"PUT bucket": {
		{"analytics", "PutBucketAnalyticsConfiguration"},
		{"intelligent-tiering", "PutBucketIntelligentTieringConfiguration"},
		{"inventory", "PutBucketInventoryConfiguration"},
		{"metrics", "PutBucketMetricsConfiguration"},
		{"abac", "PutBucketAbac"},
		{"accelerate", "PutBucketAccelerateConfiguration"},
		{"acl", "PutBucketAcl"},
		{"cors", "PutBucketCors"},
		{"encryption", "PutBucketEncryption"},
		{"lifecycle", "PutBucketLifecycleConfiguration"},
		{"logging", "PutBucketLogging"},
		{"metadataInventoryTable", "UpdateBucketMetadataInventoryTableConfiguration"},
		{"metadataJournalTable", "UpdateBucketMetadataJournalTableConfiguration"},
		{"notification", "PutBucketNotificationConfiguration"},
		{"object-lock", "PutObjectLockConfiguration"},
		{"ownershipControls", "PutBucketOwnershipControls"},
		{"policy", "PutBucketPolicy"},
		{"publicAccessBlock", "PutPublicAccessBlock"},
		{"replication", "PutBucketReplication"},
		{"requestPayment", "PutBucketRequestPayment"},
		{"tagging", "PutBucketTagging"},
		{"versioning", "PutBucketVersioning"},
		{"website", "PutBucketWebsite"},
		{"", "CreateBucket"},
	},
	"POST bucket": {
		{"delete", "DeleteObjects"},
		{"metadataConfiguration", "CreateBucketMetadataConfiguration"},
		{"metadataTable", "CreateBucketMetadataTableConfiguration"},
		{"", "PostObject"}, // a browser's form; the API Reference has it as an operation, the SDKs have not
	},
	"DELETE bucket": {
		{"analytics", "DeleteBucketAnalyticsConfiguration"},
		{"intelligent-tiering", "DeleteBucketIntelligentTieringConfiguration"},
		{"inventory", "DeleteBucketInventoryConfiguration"},
		{"metrics", "DeleteBucketMetricsConfiguration"},
		{"cors", "DeleteBucketCors"},
		{"encryption", "DeleteBucketEncryption"},
		{"lifecycle", "DeleteBucketLifecycle"},
		{"metadataConfiguration", "DeleteBucketMetadataConfiguration"},
		{"metadataTable", "DeleteBucketMetadataTableConfiguration"},
		{"ownershipControls", "DeleteBucketOwnershipControls"},
		{"policy", "DeleteBucketPolicy"},
		{"publicAccessBlock", "DeletePublicAccessBlock"},
		{"replication", "DeleteBucketReplication"},
		{"tagging", "DeleteBucketTagging"},
		{"website", "DeleteBucketWebsite"},
		{"", "DeleteBucket"},
	},

	"HEAD object": {{"", "HeadObject"}},
	"GET object": {
		{"acl", "GetObjectAcl"},
		{"attributes", "GetObjectAttributes"},
		{"legal-hold", "GetObjectLegalHold"},
		{"retention", "GetObjectRetention"},
		{"tagging", "GetObjectTagging"},
		{"torrent", "GetObjectTorrent"},
		{"uploadId", "ListParts"},
		{"", "GetObject"},
	},
	"PUT object": {
		{partCopy, "UploadPartCopy"},
		{"uploadId", "UploadPart"},
		{"acl", "PutObjectAcl"},
		{"encryption", "UpdateObjectEncryption"},
		{"legal-hold", "PutObjectLegalHold"},
		{"renameObject", "RenameObject"},
		{"retention", "PutObjectRetention"},
		{"tagging", "PutObjectTagging"},
		{copySource, "CopyObject"},
		{"", "PutObject"},
	},
	"POST object": {
		{"restore", "RestoreObject"},
		{"select", "SelectObjectContent"},
		{"uploadId", "CompleteMultipartUpload"},
		{"uploads", "CreateMultipartUpload"},
	},
	"DELETE object": {
		{"tagging", "DeleteObjectTagging"},
		{"uploadId", "AbortMultipartUpload"},
		{"", "DeleteObject"},
	},
}

// address tells bucket and key from a path-style or a virtual-hosted-style request (User Guide, "Virtual hosting of
// general purpose buckets").
func address(r *http.Request) (bucketName, key string) {
	path := strings.TrimPrefix(r.URL.Path, "/")
	if name := hostedBucket(r.Host); name != "" {
		return name, path
	}
	bucketName, key, _ = strings.Cut(path, "/")
	return bucketName, key
}

var (
	endpoint      = pattern.Compile(`^(?:(.+)\.)?s3(?:[.-].*)?$`) // the last s3 label is S3's own
	localEndpoint = pattern.Compile(`^(?:(.+?)\.)??(?:s3\.)?localhost$`)
)

// hostedBucket is the bucket in a host name such as lists.localhost or lists.s3.eu-west-1.amazonaws.com.
func hostedBucket(host string) string {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(host)
	if m := localEndpoint.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	if m := endpoint.FindStringSubmatch(host); m != nil {
		return m[1]
	}
	return ""
}
