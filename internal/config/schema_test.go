package config_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/vend-cli/vend/internal/config"
)

const (
	sampleFile = "../../samples/vend.yaml"
	schemaFile = "../../schemas/config.schema.json"
)

func TestTheSampleIsAFileThatLoads(t *testing.T) {
	t.Parallel()
	c, err := config.Load(config.Source{File: sampleFile})
	if err != nil {
		t.Fatal(err)
	}
	if c.Bucket == "" || c.Settings.Concurrency == 0 {
		t.Errorf("the sample sets too little: %+v", c)
	}
}

func TestTheSchemaTakesWhatLoadTakes(t *testing.T) {
	t.Parallel()
	schema, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	sample, err := os.ReadFile(sampleFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		file string
		good bool
	}{
		"the sample":            {file: string(sample), good: true},
		"everything":            {file: full, good: true},
		"a misspelt key":        {file: "pollinterval: 60s\n"},
		"a number too large":    {file: "concurrency: 40\n"},
		"a duration unit":       {file: "lease: 60\n"},
		"a prefix of no folder": {file: "prefix: incoming\n"},
		"a list for one":        {file: "bucket: [a]\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var value any
			if err := yaml.Unmarshal([]byte(test.file), &value); err != nil {
				t.Fatal(err)
			}
			// Through JSON, so that numbers have the type that the schema's validator knows.
			data, err := json.Marshal(value)
			if err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(data, &value); err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(value); (err == nil) != test.good {
				t.Errorf("schema says %v", err)
			}
			if _, err := config.Load(config.Source{File: write(t, test.file)}); (err == nil) != test.good {
				t.Errorf("Load says %v", err)
			}
		})
	}
}
