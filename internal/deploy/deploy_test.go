package deploy_test

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/vend-cli/vend/internal/deploy"
)

func TestParametersAreThoseOfTheTemplate(t *testing.T) {
	t.Parallel()
	want := slices.Sorted(maps.Keys(parsed(t).section("Parameters")))
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(deploy.Parameters()))); diff != "" {
		t.Errorf("names (-template +Parameters)\n%s", diff)
	}
}

func TestNamesThatAreSpeltOutMakeTheSameStack(t *testing.T) {
	t.Parallel()
	named := read(t, []byte(deploy.Named(parameters[deploy.BucketName], parameters[deploy.TableName])))
	for _, id := range slices.Sorted(maps.Keys(named.section("Resources"))) {
		before, after := parsed(t).deployed(parameters).properties(id), named.deployed(parameters).properties(id)
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s (-template +named)\n%s", id, diff)
		}
	}
	// CloudFormation imports only what is named by a text.
	for id, name := range map[string]string{"Bucket": "BucketName", "Table": "TableName", "Logs": "LogGroupName"} {
		r, _ := named.section("Resources")[id].(map[string]any)
		if _, text := dig(r, "Properties", name).(string); !text || r["DeletionPolicy"] != "Retain" {
			t.Errorf("%s could not be taken over: %v", id, r)
		}
	}
	if len(deploy.Named(strings.Repeat("b", 63), strings.Repeat("t", 40))) >= deploy.MaxTemplate {
		t.Error("with the longest names the template is too long for the call")
	}
}

// elfFile is a program of that architecture that does nothing; interpreted ones need a loader.
func elfFile(t *testing.T, machine elf.Machine, interpreted bool) []byte {
	t.Helper()
	header := elf.Header64{Type: uint16(elf.ET_EXEC), Machine: uint16(machine), Version: uint32(elf.EV_CURRENT), Ehsize: 64, Phentsize: 56, Shentsize: 64}
	copy(header.Ident[:], elf.ELFMAG+string([]byte{byte(elf.ELFCLASS64), byte(elf.ELFDATA2LSB), byte(elf.EV_CURRENT)}))
	var b bytes.Buffer
	if interpreted {
		header.Phoff, header.Phnum = 64, 1
	}
	err := binary.Write(&b, binary.LittleEndian, header)
	if interpreted {
		err = errors.Join(err, binary.Write(&b, binary.LittleEndian, elf.Prog64{Type: uint32(elf.PT_INTERP), Off: 64 + 56}))
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheSameProgramIsTheSameCode(t *testing.T) {
	t.Parallel()
	program := elfFile(t, elf.EM_AARCH64, false)
	one, err := deploy.Pack(program)
	if err != nil {
		t.Fatal(err)
	}
	two, err := deploy.Pack(slices.Clone(program))
	if err != nil || one.Key != two.Key || !bytes.Equal(one.Zip, two.Zip) {
		t.Errorf("%v, %s and %s", err, one.Key, two.Key)
	}
	if other, err := deploy.Pack(append(slices.Clone(program), 0)); err != nil || other.Key == one.Key {
		t.Errorf("another program: %v, %s", err, other.Key)
	}
	archive, err := zip.NewReader(bytes.NewReader(one.Zip), int64(len(one.Zip)))
	if err != nil || len(archive.File) != 1 || archive.File[0].Name != "bootstrap" || archive.File[0].Mode().Perm() != 0o755 {
		t.Fatalf("the zip: %v, %+v", err, archive)
	}
	file, err := archive.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, err := io.ReadAll(file); err != nil || !bytes.Equal(content, program) {
		t.Errorf("bootstrap is another program: %v", err)
	}
}

func TestOtherProgramsAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		program []byte
		why     string
	}{
		"another architecture": {elfFile(t, elf.EM_X86_64, false), "EM_X86_64"},
		"one with a loader":    {elfFile(t, elf.EM_AARCH64, true), "libraries"},
		"a script":             {[]byte("#!/bin/sh\n"), "no ELF file"},
		"nothing":              {nil, "no ELF file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := deploy.Pack(test.program); !errors.Is(err, deploy.ErrProgram) || !strings.Contains(err.Error(), test.why) {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestCausesAreNotConsequences(t *testing.T) {
	t.Parallel()
	events := []deploy.Event{
		{ID: "vend", Type: "AWS::CloudFormation::Stack", Status: "CREATE_IN_PROGRESS"},
		{ID: "Topic", Type: "AWS::SNS::Topic", Status: "CREATE_FAILED", Reason: "no"},
		{ID: "Inbox", Type: "AWS::SQS::Queue", Status: "CREATE_FAILED", Reason: "Resource creation cancelled"},
		{ID: "vend", Type: "AWS::CloudFormation::Stack", Status: "ROLLBACK_FAILED", Reason: "The following resource(s) failed to delete: [Topic]."},
		{ID: "Table", Type: "AWS::DynamoDB::Table", Status: "DELETE_SKIPPED"},
	}
	if got := deploy.Causes(events); len(got) != 1 || got[0].ID != "Topic" {
		t.Errorf("causes: %+v", got)
	}
}

func TestOnlyOurStacksAreOurs(t *testing.T) {
	t.Parallel()
	about, _ := parsed(t)["Description"].(string)
	for name, test := range map[string]struct {
		stack deploy.Stack
		ours  bool
	}{
		"one of this template":                      {deploy.Stack{Status: "CREATE_COMPLETE", About: about}, true},
		"one without a template yet":                {deploy.Stack{Status: "REVIEW_IN_PROGRESS"}, true},
		"one of somebody else":                      {deploy.Stack{Status: "CREATE_COMPLETE", About: "Our website"}, false},
		"one of somebody who describes none":        {deploy.Stack{Status: "CREATE_COMPLETE"}, false},
		"one whose making failed, of this template": {deploy.Stack{Status: "ROLLBACK_COMPLETE", About: about}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.stack.Ours() != test.ours {
				t.Errorf("ours: %v", test.stack.Ours())
			}
		})
	}
}
