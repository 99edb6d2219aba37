package s3_test

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

const megabyte = 1 << 20

// upload sends parts of the given sizes and returns the upload and what completes it.
func (s *site) upload(in awss3.CreateMultipartUploadInput, sizes ...int) (*string, []types.CompletedPart) {
	s.t.Helper()
	in.Bucket, in.Key = aws.String("lists"), aws.String("big")
	created, err := s.CreateMultipartUpload(s.t.Context(), &in)
	if err != nil {
		s.t.Fatal(err)
	}
	var parts []types.CompletedPart
	for i, size := range sizes {
		n := aws.Int32(int32(i + 1))
		out, err := s.UploadPart(s.t.Context(), &awss3.UploadPartInput{
			Bucket: in.Bucket, Key: in.Key, UploadId: created.UploadId, PartNumber: n, Body: bytes.NewReader(big(size)),
			ChecksumAlgorithm: in.ChecksumAlgorithm,
		})
		if err != nil {
			s.t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{
			PartNumber: n, ETag: out.ETag, ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C,
			ChecksumCRC64NVME: out.ChecksumCRC64NVME, ChecksumSHA1: out.ChecksumSHA1, ChecksumSHA256: out.ChecksumSHA256,
		})
	}
	return created.UploadId, parts
}

func (s *site) complete(id *string, parts []types.CompletedPart, change ...func(*awss3.CompleteMultipartUploadInput)) (*awss3.CompleteMultipartUploadOutput, error) {
	in := &awss3.CompleteMultipartUploadInput{
		Bucket: aws.String("lists"), Key: aws.String("big"), UploadId: id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
	}
	for _, f := range change {
		f(in)
	}
	return s.CompleteMultipartUpload(s.t.Context(), in)
}

func TestMultipartUploads(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		algorithm types.ChecksumAlgorithm
		kind      types.ChecksumType
		want      types.ChecksumType
		sum       string
	}{
		"what the SDK does by itself": {want: "FULL_OBJECT"},
		"a composite checksum":        {algorithm: "SHA256", want: "COMPOSITE"},
		"a composite CRC32C":          {algorithm: "CRC32C", kind: "COMPOSITE", want: "COMPOSITE"},
		"a checksum of the whole":     {algorithm: "CRC32", kind: "FULL_OBJECT", want: "FULL_OBJECT"},
		"CRC64NVME is of the whole":   {algorithm: "CRC64NVME", want: "FULL_OBJECT"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists", "Enabled")
			id, parts := s.upload(awss3.CreateMultipartUploadInput{
				ChecksumAlgorithm: test.algorithm, ChecksumType: test.kind, ContentType: aws.String("text/csv"), Metadata: map[string]string{"a": "b"},
			}, 5*megabyte, 6*megabyte, 16)
			out, err := s.complete(id, parts)
			if err != nil {
				t.Fatal(err)
			}
			if out.ChecksumType != test.want || aws.ToString(out.VersionId) == "" {
				t.Errorf("%+v", out)
			}
			// md5 of the three parts' md5s
			if got, want := aws.ToString(out.ETag), `"a3ceae02a1d3ef122b382d5fee2fb0fc-3"`; got != want {
				t.Errorf("etag %s, want %s", got, want)
			}
			got, err := s.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lists"), Key: aws.String("big")})
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(got.Body) // the SDK verifies a checksum of the whole
			if err != nil || !bytes.Equal(body, big(11*megabyte+16)) {
				t.Errorf("%d bytes, %v", len(body), err)
			}
			if aws.ToString(got.ContentType) != "text/csv" || got.Metadata["a"] != "b" || got.ChecksumType != test.want {
				t.Errorf("%v", got.ResultMetadata)
			}
			second, err := s.GetObject(t.Context(), &awss3.GetObjectInput{Bucket: aws.String("lists"), Key: aws.String("big"), PartNumber: aws.Int32(2)})
			if err != nil {
				t.Fatal(err)
			}
			if body, err = io.ReadAll(second.Body); err != nil || len(body) != 6*megabyte || aws.ToInt32(second.PartsCount) != 3 {
				t.Errorf("part 2: %d bytes of %d parts, %v", len(body), aws.ToInt32(second.PartsCount), err)
			}
			if _, err = s.complete(id, parts); code(err) != "404 NoSuchUpload" {
				t.Errorf("completed twice: %v", err)
			}
		})
	}
}

func TestUploadsThatCannotBeCompleted(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		sizes  []int
		parts  func([]types.CompletedPart) []types.CompletedPart
		change func(*awss3.CompleteMultipartUploadInput)
		there  bool
		want   string
	}{
		"fine":                            {sizes: []int{5 * megabyte, 16}},
		"fine, and the size is right":     {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.MpuObjectSize = aws.Int64(16) }},
		"a part too small":                {sizes: []int{5*megabyte - 16, 16}, want: "400 EntityTooSmall"},
		"a part unknown":                  {sizes: []int{16}, parts: func(p []types.CompletedPart) []types.CompletedPart { p[0].PartNumber = aws.Int32(7); return p }, want: "400 InvalidPart"},
		"a part of another ETag":          {sizes: []int{16}, parts: func(p []types.CompletedPart) []types.CompletedPart { p[0].ETag = aws.String("x"); return p }, want: "400 InvalidPart"},
		"a part of another checksum":      {sizes: []int{16}, parts: func(p []types.CompletedPart) []types.CompletedPart { p[0].ChecksumSHA256 = aws.String("x"); return p }, want: "400 InvalidPart"},
		"a part without its checksum":     {sizes: []int{16}, parts: func(p []types.CompletedPart) []types.CompletedPart { p[0].ChecksumSHA256 = nil; return p }, want: "400 InvalidRequest"},
		"a part twice":                    {sizes: []int{5 * megabyte}, parts: func(p []types.CompletedPart) []types.CompletedPart { return append(p, p[0]) }, want: "400 InvalidPartOrder"},
		"parts out of order":              {sizes: []int{5 * megabyte, 16}, parts: func(p []types.CompletedPart) []types.CompletedPart { p[0], p[1] = p[1], p[0]; return p }, want: "400 InvalidPartOrder"},
		"a gap between parts":             {sizes: []int{16, 16, 16}, parts: func(p []types.CompletedPart) []types.CompletedPart { return p[1:] }, want: "500 InternalError"},
		"no parts":                        {sizes: []int{16}, parts: func([]types.CompletedPart) []types.CompletedPart { return nil }, want: "400 MalformedXML"},
		"another size":                    {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.MpuObjectSize = aws.Int64(17) }, want: "400 InvalidRequest"},
		"another kind of checksum":        {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.ChecksumType = "FULL_OBJECT" }, want: "400 InvalidRequest"},
		"another checksum":                {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.ChecksumCRC32 = aws.String("NhCmhg==") }, want: "400 BadDigest"},
		"another upload":                  {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.UploadId = aws.String("x") }, want: "404 NoSuchUpload"},
		"another key":                     {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.Key = aws.String("x") }, want: "404 NoSuchUpload"},
		"something there that may not be": {sizes: []int{16}, there: true, change: func(in *awss3.CompleteMultipartUploadInput) { in.IfNoneMatch = aws.String("*") }, want: "412 PreconditionFailed"},
		"something there that is no more": {sizes: []int{16}, change: func(in *awss3.CompleteMultipartUploadInput) { in.IfMatch = aws.String("x") }, want: "404 NoSuchKey"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := open(t, "us-east-1")
			s.bucket("lists")
			id, parts := s.upload(awss3.CreateMultipartUploadInput{ChecksumAlgorithm: "SHA256"}, test.sizes...)
			if test.there {
				s.put("lists", "big", "x")
			}
			if test.parts != nil {
				parts = test.parts(parts)
			}
			if test.change == nil {
				test.change = func(*awss3.CompleteMultipartUploadInput) {}
			}
			_, err := s.complete(id, parts, test.change)
			if got := code(err); got != test.want {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}

func TestUploadsInProgress(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	id, _ := s.upload(awss3.CreateMultipartUploadInput{}, 16, 32, 48)
	other, err := s.CreateMultipartUpload(t.Context(), &awss3.CreateMultipartUploadInput{Bucket: aws.String("lists"), Key: aws.String("folder/small")})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	in := &awss3.ListPartsInput{Bucket: aws.String("lists"), Key: aws.String("big"), UploadId: id, MaxParts: aws.Int32(2)}
	for p := awss3.NewListPartsPaginator(s.Client, in); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range page.Parts {
			got = append(got, fmt.Sprint(aws.ToInt32(part.PartNumber), ":", aws.ToInt64(part.Size)))
		}
	}
	for p := awss3.NewListMultipartUploadsPaginator(s.Client, &awss3.ListMultipartUploadsInput{Bucket: aws.String("lists"), MaxUploads: aws.Int32(1), Delimiter: aws.String("/")}); p.HasMorePages(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Uploads {
			got = append(got, aws.ToString(u.Key))
		}
		for _, c := range page.CommonPrefixes {
			got = append(got, aws.ToString(c.Prefix))
		}
	}
	if diff := cmp.Diff([]string{"1:16", "2:32", "3:48", "big", "folder/"}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := s.get(t.Context(), "lists", "big", ""); code(err) != "404 NoSuchKey" {
		t.Errorf("an upload in progress is an object: %v", err)
	}
	for key, upload := range map[string]*string{"big": id, "folder/small": other.UploadId} {
		_, err := s.AbortMultipartUpload(t.Context(), &awss3.AbortMultipartUploadInput{Bucket: aws.String("lists"), Key: &key, UploadId: upload})
		if err != nil {
			t.Error(err)
		}
	}
	if _, _, body := s.send("GET", "/lists?uploads", ""); strings.Contains(body, "<Upload>") {
		t.Error(body)
	}
	for target, want := range map[string]string{
		"PUT /lists/big?uploadId=" + *id + "&partNumber=1": "NoSuchUpload", "POST /lists/big?uploadId=x": "NoSuchUpload",
		"GET /lists/big?uploadId=x": "NoSuchUpload", "DELETE /lists/big?uploadId=x": "NoSuchUpload",
	} {
		method, path, _ := strings.Cut(target, " ")
		if _, _, body := s.send(method, path, ""); !strings.Contains(body, want) {
			t.Errorf("%s: %s", target, body)
		}
	}
}

func TestAttributesOfObjects(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	id, parts := s.upload(awss3.CreateMultipartUploadInput{ChecksumAlgorithm: "SHA1"}, 5*megabyte, 16)
	if _, err := s.complete(id, parts); err != nil {
		t.Fatal(err)
	}
	out, err := s.GetObjectAttributes(t.Context(), &awss3.GetObjectAttributesInput{
		Bucket: aws.String("lists"), Key: aws.String("big"), MaxParts: aws.Int32(1),
		ObjectAttributes: []types.ObjectAttributes{"ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(aws.ToInt64(out.ObjectSize), " ", out.StorageClass, " ", aws.ToInt32(out.ObjectParts.TotalPartsCount), " ",
		len(out.ObjectParts.Parts), " ", aws.ToBool(out.ObjectParts.IsTruncated), " ", out.Checksum.ChecksumType)
	if want := "5242896 STANDARD 2 1 true COMPOSITE"; got != want || strings.Contains(aws.ToString(out.ETag), `"`) {
		t.Errorf("%s, want %s; etag %s", got, want, aws.ToString(out.ETag))
	}
}

func TestChecksumsThatDoNotFitAnUpload(t *testing.T) {
	t.Parallel()
	s := open(t, "us-east-1")
	s.bucket("lists")
	for name, test := range map[string]struct{ algorithm, kind, want string }{
		"SHA256 of the whole":      {"SHA256", "FULL_OBJECT", "InvalidRequest"},
		"CRC64NVME of parts":       {"CRC64NVME", "COMPOSITE", "InvalidRequest"},
		"an algorithm that is not": {"ROT13", "", "InvalidRequest"},
		"a type without algorithm": {"", "COMPOSITE", "InvalidRequest"},
		"an xxHash":                {"XXHASH64", "", "NotImplemented"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, _, body := s.send("POST", "/lists/k?uploads", "", "x-amz-checksum-algorithm", test.algorithm, "x-amz-checksum-type", test.kind)
			if !strings.Contains(body, "<Code>"+test.want+"</Code>") {
				t.Error(body)
			}
		})
	}
	id, _ := s.upload(awss3.CreateMultipartUploadInput{ChecksumAlgorithm: "SHA256"})
	_, _, body := s.send("PUT", "/lists/big?partNumber=1&uploadId="+*id, "hello", "x-amz-checksum-crc32", "NhCmhg==")
	if !strings.Contains(body, "expected checksum Type: sha256, actual checksum Type: crc32") {
		t.Error(body)
	}
}
