// Package s3 is the sandbox's Amazon S3: buckets, the versions of their objects, and the events that follow from them.
//
// It is our own, and not gofakes3, the nearest server that could be embedded: that one has no bucket notifications, sends
// checksums with ranged reads that the AWS SDK for Go then finds wrong, and cannot be told the time.
//
// The pages named in comments are those of the Amazon S3 API Reference and the Amazon S3 User Guide. Buckets belong to the
// management account, and nobody else comes in: bucket policies and public access blocks are kept and returned, and decide
// nothing. What S3 has and
// this package has not is answered with [wire.Unsupported], header by header and element by element, never left out in
// silence.
//
// It imports wire and world.
package s3

import (
	"maps"
	"net/http"
	"slices"

	"github.com/vend-cli/vend/internal/sandbox/wire"
	"github.com/vend-cli/vend/internal/sandbox/world"
)

// New is the Amazon S3 of a world, with no buckets yet.
func New(w *world.World) wire.Service {
	return &service{w: w, buckets: map[string]*bucket{}}
}

// service holds all buckets; whatever it points at is touched within [world.World.Do] only, except the bodies of objects,
// which never change.
type service struct {
	w         *world.World
	buckets   map[string]*bucket
	sequencer uint64 // of the newest write
}

// operation answers a request within [world.World.Do]: with a [document], a [content], or nothing.
type operation func(*service, *request) (any, error)

var operations = map[string]operation{
	"CreateBucket":      (*service).createBucket,
	"HeadBucket":        (*service).headBucket,
	"ListBuckets":       (*service).listBuckets,
	"DeleteBucket":      (*service).deleteBucket,
	"GetBucketLocation": (*service).getBucketLocation,

	"GetBucketVersioning":                (*service).getBucketVersioning,
	"PutBucketVersioning":                (*service).putBucketVersioning,
	"GetBucketNotificationConfiguration": (*service).getNotification,
	"PutBucketNotificationConfiguration": (*service).putNotification,
	"GetPublicAccessBlock":               (*service).getPublicAccessBlock,
	"PutPublicAccessBlock":               (*service).putPublicAccessBlock,
	"DeletePublicAccessBlock":            (*service).deletePublicAccessBlock,
	"GetBucketEncryption":                (*service).getBucketEncryption,
	"PutBucketEncryption":                (*service).putBucketEncryption,
	"DeleteBucketEncryption":             (*service).deleteBucketEncryption,
	"GetBucketPolicy":                    (*service).getBucketPolicy,
	"PutBucketPolicy":                    (*service).putBucketPolicy,
	"DeleteBucketPolicy":                 (*service).deleteBucketPolicy,
	"GetBucketTagging":                   (*service).getBucketTagging,
	"PutBucketTagging":                   (*service).putBucketTagging,
	"DeleteBucketTagging":                (*service).deleteBucketTagging,

	"PutObject":           (*service).putObject,
	"GetObject":           (*service).getObject,
	"HeadObject":          (*service).getObject,
	"GetObjectAttributes": (*service).getObjectAttributes,
	"DeleteObject":        (*service).deleteObject,
	"DeleteObjects":       (*service).deleteObjects,
	"CopyObject":          (*service).copyObject,
	"GetObjectTagging":    (*service).getObjectTagging,
	"PutObjectTagging":    (*service).putObjectTagging,
	"DeleteObjectTagging": (*service).deleteObjectTagging,

	"ListObjects":        (*service).listObjects,
	"ListObjectsV2":      (*service).listObjectsV2,
	"ListObjectVersions": (*service).listObjectVersions,

	"CreateMultipartUpload":   (*service).createMultipartUpload,
	"UploadPart":              (*service).uploadPart,
	"CompleteMultipartUpload": (*service).completeMultipartUpload,
	"AbortMultipartUpload":    (*service).abortMultipartUpload,
	"ListParts":               (*service).listParts,
	"ListMultipartUploads":    (*service).listMultipartUploads,
}

// Name is the signing name.
func (s *service) Name() string { return "s3" }

// Implements says whether the operation is answered.
func (s *service) Implements(name string) bool { return operations[name] != nil }

// Implemented lists the operations that are answered.
func (s *service) Implemented() []string { return slices.Sorted(maps.Keys(operations)) }

// Serve answers a call that was resolved.
func (s *service) Serve(w http.ResponseWriter, c *wire.Call) {
	r := newRequest(c)
	out, err := s.answer(r)
	r.write(w, out, err)
}

func (s *service) answer(r *request) (out any, err error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	if err := r.readPayload(); err != nil { // outside of Do: it hashes
		return nil, err
	}
	s.w.Do(func() {
		if r.bucketName != "" && r.Operation != "CreateBucket" {
			if r.bucket, err = s.find(r, r.bucketName); err != nil {
				return
			}
		}
		out, err = operations[r.Operation](s, r)
	})
	return out, err
}
