package world

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// readFile reads a world file strictly: what it does not know is refused, with its place and what could stand there.
func readFile(data []byte) (*file, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, placed(data, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows after the world's closing brace; a world file is one JSON object")
	}
	if err := known("", raw, reflect.TypeFor[file]()); err != nil {
		return nil, err
	}
	f := new(file)
	if err := json.Unmarshal(data, f); err != nil {
		return nil, placed(data, err)
	}
	return f, nil
}

// placed says where in the file an error of encoding/json is.
func placed(data []byte, err error) error {
	var offset int64
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = syntax.Offset
	case errors.As(err, &kind):
		offset = kind.Offset
		err = fmt.Errorf("%s is a %s, but must be a %s", kind.Field, kind.Value, wording(kind.Type))
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		offset = int64(len(data))
		err = errors.New("the JSON ends too early")
	default:
		return err
	}
	before := data[:min(offset, int64(len(data)))]
	return fmt.Errorf("line %d: %w", 1+bytes.Count(before, []byte("\n")), err)
}

func wording(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return "list"
	case reflect.Struct, reflect.Map:
		return "object"
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "whole number"
	default:
		return t.Kind().String()
	}
}

// known refuses members of an object that its struct does not have.
func known(place string, raw any, t reflect.Type) error {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch value := raw.(type) {
	case []any:
		if t.Kind() != reflect.Slice {
			return nil // told by encoding/json, with the types
		}
		for i, element := range value {
			if err := known(place+"["+strconv.Itoa(i)+"]", element, t.Elem()); err != nil {
				return err
			}
		}
	case map[string]any:
		if t.Kind() != reflect.Struct || t == reflect.TypeFor[time.Time]() {
			return nil
		}
		fields := members(t)
		for _, name := range slices.Sorted(maps.Keys(value)) {
			field, ok := fields[name]
			if !ok {
				at := strings.TrimPrefix(place+"."+name, ".")
				return fmt.Errorf("%s: unknown member; remove it, or use one of %s", at, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
			}
			if err := known(strings.TrimPrefix(place+"."+name, "."), value[name], field); err != nil {
				return err
			}
		}
	}
	return nil
}

func members(t reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		if f.Anonymous {
			maps.Copy(fields, members(f.Type))
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	return fields
}

// duration reads a time span of the file; left out is the default.
func duration(place, text string, byDefault time.Duration) (time.Duration, error) {
	if text == "" {
		return byDefault, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s: %q is no time span; write it like 25m, 5s or 200ms", place, text)
	}
	return d, nil
}

// spoken writes a time span as people write it in the file: "25m", not "25m0s".
func spoken(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
