package logging

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
)

// logTo returns a logger and the buffer that it writes to.
func logTo(t *testing.T, level, format string) (*zap.Logger, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	log, err := New(level, format, "node1-detector", zapcore.AddSync(&out))
	if err != nil {
		t.Fatal(err)
	}
	return log, &out
}

func TestJSONHasTimeLevelMessageAndFields(t *testing.T) {
	log, out := logTo(t, "info", "json")
	log.Error("it broke", zap.String("node", "1"), zap.Duration("duration", 1500*time.Millisecond))
	var got map[string]any
	if err := json.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	at, err := time.Parse(time.RFC3339Nano, got["ts"].(string))
	if err != nil || at.Location() != time.UTC {
		t.Errorf("ts %v, want RFC 3339 in UTC (%v)", got["ts"], err)
	}
	delete(got, "ts")
	want := map[string]any{"level": "error", "service": "node1-detector", "msg": "it broke", "node": "1", "duration": 1.5}
	if len(got) != len(want) {
		t.Errorf("line %v, want %v: no caller, no stack", got, want)
	}
	for k, v := range want {
		if got[k] != v {
			t.Errorf("%s is %v, want %v", k, got[k], v)
		}
	}
}

func TestConsoleReadsFromLeftToRight(t *testing.T) {
	log, out := logTo(t, "debug", "console")
	log.With(zap.String("from_node", "2")).Info("Component A runs", zap.String("rpc", "Ping"), zap.Duration("duration", 2*time.Millisecond))
	log.Error("plain")
	want := regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z  INFO   node1-detector  Component A runs  \{"duration": "2ms"\}\n` +
		`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z  ERROR  node1-detector  plain\n$`)
	if !want.MatchString(out.String()) {
		t.Errorf("wrote\n%s\nwant it to match\n%s", out, want)
	}
}

func TestATimeOfAnotherZoneIsWrittenInUTC(t *testing.T) {
	enc := zapcore.NewMapObjectEncoder()
	at := time.Date(2026, 1, 2, 3, 4, 5, 600, time.FixedZone("", 3*3600))
	_ = enc.AddArray("t", zapcore.ArrayMarshalerFunc(func(a zapcore.ArrayEncoder) error { utc(jsonTime)(at, a); return nil }))
	if got, want := enc.Fields["t"].([]any)[0], "2026-01-02T00:04:05.000000600Z"; got != want {
		t.Errorf("wrote %v, want %v", got, want)
	}
}

func TestEntriesBelowTheLevelAreLeftOut(t *testing.T) {
	for level, want := range map[string]int{"debug": 4, "info": 3, "warn": 2, "error": 1} {
		log, out := logTo(t, level, "console")
		log.Debug("x")
		log.Info("x")
		log.Warn("x")
		log.Error("x")
		if got := strings.Count(out.String(), "\n"); got != want {
			t.Errorf("level %s wrote %d lines, want %d", level, got, want)
		}
	}
}

func TestUnknownSettingsAreRefusedWithTheChoices(t *testing.T) {
	for _, c := range []struct{ level, format, want string }{
		{"loud", "json", `unknown level "loud": use debug, info, warn or error`},
		{"", "json", `unknown level "": use debug, info, warn or error`},
		{"fatal", "json", `unknown level "fatal": use debug, info, warn or error`},
		{"info", "xml", `unknown format "xml": use console or json`},
	} {
		_, err := New(c.level, c.format, "", zapcore.AddSync(&bytes.Buffer{}))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%q, %q): %v, want %q", c.level, c.format, err, c.want)
		}
	}
}
