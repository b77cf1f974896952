package config

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/kelseyhightower/envconfig"
)

// env is an environment; Load sees nothing else of ours.
type env map[string]string

// with returns e with more variables.
func (e env) with(more env) env {
	all := maps.Clone(e)
	maps.Copy(all, more)
	return all
}

func (e env) set(t *testing.T) {
	t.Helper()
	for _, entry := range os.Environ() {
		if name, _, _ := strings.Cut(entry, "="); strings.HasPrefix(name, prefix) || known(name) {
			t.Setenv(name, "")
			os.Unsetenv(name)
		}
	}
	for name, value := range e {
		t.Setenv(name, value)
	}
}

// mustLoad returns the Config and the warnings of e, which has no fault.
func mustLoad(t *testing.T, e env) (Config, []string) {
	t.Helper()
	e.set(t)
	cfg, warnings, err := Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	return cfg, warnings
}

// faultsOf e, as lines of text. Each must have a problem and a cure.
func faultsOf(t *testing.T, e env) []string {
	t.Helper()
	e.set(t)
	cfg, _, err := Load(nil)
	if err == nil {
		return nil
	}
	var faults Faults
	if !errors.As(err, &faults) {
		t.Fatalf("error is a %T, want Faults: %v", err, err)
	}
	if !reflect.DeepEqual(cfg, Config{}) {
		t.Errorf("a Config came with the faults: %+v", cfg)
	}
	var lines []string
	for _, f := range faults {
		if f.Variable == "" || f.Problem == "" || f.Cure == "" {
			t.Errorf("incomplete fault %+v", f)
		}
		lines = append(lines, f.String())
	}
	return lines
}

// expectFault wants exactly one fault in e, with all the parts in its line.
func expectFault(t *testing.T, e env, parts ...string) {
	t.Helper()
	got := faultsOf(t, e)
	if len(got) != 1 {
		t.Errorf("%v: faults %q, want one", e, got)
		return
	}
	for _, part := range parts {
		if !strings.Contains(got[0], part) {
			t.Errorf("%v: fault %q, want %q in it", e, got[0], part)
		}
	}
}

var node1 = env{"NODE_ID": "1"}

func TestNodeIDAloneIsEnough(t *testing.T) {
	got, warnings := mustLoad(t, env{"NODE_ID": "7"})
	want := Config{
		NodeID:           7,
		Cluster:          "swim",
		DetectorAddr:     ":50057",
		DisseminatorAddr: ":50067",
		ProbeInterval:    time.Second,
		ProbeTimeout:     500 * time.Millisecond,
		ProbeOrder:       "ring",
		IndirectProbes:   3,
		PauseTolerance:   time.Second,
		SuspicionMax:     4 * time.Second,
		PairGrace:        5 * time.Second,
		LogLevel:         "info",
		LogFormat:        "console",
		CrashVerdict:     true,
		TCPTuning:        true,
		LogRPC:           "all",
	}
	if !reflect.DeepEqual(got, want) || len(warnings) != 0 {
		t.Errorf("got  %+v (warnings %q)\nwant %+v", got, warnings, want)
	}
}

// everything sets each variable to something that is not its default.
var everything = env{
	"NODE_ID":                "3",
	"MEMBERS":                "node1:50051,node2:50052,[::1]:50053",
	"BOOTSTRAP_ADDRESS":      "node1:50061,node2:50062",
	"SWIM_CLUSTER":           "Prod_1.eu-west",
	"SWIM_ADVERTISE_HOST":    "node3.example",
	"SWIM_DETECTOR_ADDR":     "127.0.1.3:7001",
	"SWIM_DISSEMINATOR_ADDR": "[::1]:7002",
	"SWIM_PROBE_INTERVAL":    "1m",
	"SWIM_PROBE_TIMEOUT":     "10ms",
	"SWIM_PROBE_ORDER":       "random",
	"SWIM_INDIRECT_PROBES":   "0",
	"SWIM_PAUSE_TOLERANCE":   "2s",
	"SWIM_SUSPICION_MAX":     "2s",
	"SWIM_PAIR_GRACE":        "10m",
	"SWIM_LOG_LEVEL":         "debug",
	"SWIM_LOG_FORMAT":        "json",
	"SWIM_CRASH_VERDICT":     "off",
	"SWIM_TCP_TUNING":        "off",
	"SWIM_LOG_RPC":           "changes",
	"SWIM_ZONE":              "eu-1a",
	"SWIM_TAGS":              "rack=7,role=a=b",
}

func TestEveryVariableIsRead(t *testing.T) {
	got, _ := mustLoad(t, everything)
	want := Config{
		NodeID:             3,
		Members:            []string{"node1:50051", "node2:50052", "[::1]:50053"},
		BootstrapAddresses: []string{"node1:50061", "node2:50062"},
		Cluster:            "Prod_1.eu-west",
		AdvertiseHost:      "node3.example",
		DetectorAddr:       "127.0.1.3:7001",
		DisseminatorAddr:   "[::1]:7002",
		ProbeInterval:      time.Minute,
		ProbeTimeout:       10 * time.Millisecond,
		ProbeOrder:         "random",
		IndirectProbes:     0,
		PauseTolerance:     2 * time.Second,
		SuspicionMax:       2 * time.Second,
		PairGrace:          10 * time.Minute,
		LogLevel:           "debug",
		LogFormat:          "json",
		LogRPC:             "changes",
		Zone:               "eu-1a",
		Tags:               map[string]string{"rack": "7", "role": "a=b"},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestTheDocumentedVariablesAreThoseThatEnvconfigReads(t *testing.T) {
	var keys strings.Builder
	if err := envconfig.Usagef("", &environment{}, &keys, "{{range .}}{{usage_key .}}\n{{end}}"); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, v := range variables {
		want = append(want, v.name)
	}
	if got := strings.Fields(keys.String()); !reflect.DeepEqual(got, want) {
		t.Errorf("envconfig reads %q, variables.go has %q", got, want)
	}
	if got := slices.Sorted(maps.Keys(everything)); !reflect.DeepEqual(got, slices.Sorted(slices.Values(want))) {
		t.Errorf("the tests set %q, want all of them", got)
	}
}

func TestTheSeedsOwnWayOfStarting(t *testing.T) {
	for id := 1; id <= 5; id++ {
		cfg, warnings := mustLoad(t, env{
			"NODE_ID": fmt.Sprint(id),
			"MEMBERS": "localhost:50051,localhost:50052,localhost:50053,localhost:50054,localhost:50055",
		})
		if len(cfg.Members) != 5 || len(warnings) != 0 {
			t.Errorf("node %d: members %q, warnings %q", id, cfg.Members, warnings)
		}
		if cfg.DetectorPort() != 50050+id || cfg.DisseminatorPort() != 50060+id {
			t.Errorf("node %d: ports %d and %d", id, cfg.DetectorPort(), cfg.DisseminatorPort())
		}
	}
	cfg, _ := mustLoad(t, env{"NODE_ID": "6", "BOOTSTRAP_ADDRESS": "localhost:50061"})
	if got := strings.Join(cfg.BootstrapAddresses, ","); got != "localhost:50061" {
		t.Errorf("node 6: bootstrap %q", got)
	}
}

func TestEachHalfIsDialledWhereItListens(t *testing.T) {
	for listen, want := range map[string]string{
		"":                "127.0.0.1:50051",
		":7001":           "127.0.0.1:7001",
		"0.0.0.0:7001":    "127.0.0.1:7001",
		"[::]:7001":       "127.0.0.1:7001",
		"127.0.1.5:7001":  "127.0.1.5:7001",
		"[::1]:7001":      "[::1]:7001",
		"localhost:50051": "localhost:50051",
	} {
		cfg, _ := mustLoad(t, node1.with(env{"SWIM_DETECTOR_ADDR": listen}))
		if got := cfg.DetectorDialAddr(); got != want {
			t.Errorf("detector at %q is dialled at %q, want %q", listen, got, want)
		}
		if got := cfg.DisseminatorDialAddr(); got != "127.0.0.1:50061" {
			t.Errorf("disseminator is dialled at %q", got)
		}
	}
}

func TestAMissingNodeIDIsAskedFor(t *testing.T) {
	for _, e := range []env{{}, {"NODE_ID": ""}, {"NODE_ID": "  "}} {
		e.set(t)
		cfg, _, err := Load(func(prompt string) (string, error) { return " 3\n", nil })
		if err != nil || cfg.NodeID != 3 || cfg.DetectorAddr != ":50053" {
			t.Errorf("%v: got %+v, %v", e, cfg, err)
		}
	}
	node1.set(t)
	_, _, err := Load(func(string) (string, error) { t.Error("asked, though NODE_ID is set"); return "", nil })
	if err != nil {
		t.Error(err)
	}
}

func TestAWrongAnswerIsExplainedAndAskedForAgain(t *testing.T) {
	env{}.set(t)
	answers := []string{"three\n", "\n", "3\n"}
	var prompts []string
	cfg, _, err := Load(func(prompt string) (string, error) {
		prompts = append(prompts, prompt)
		return answers[len(prompts)-1], nil
	})
	if err != nil || cfg.NodeID != 3 {
		t.Errorf("got node %d, %v, want node 3", cfg.NodeID, err)
	}
	const question = "Node id (1, 2, 3, ...): "
	want := []string{question, "\"three\" is not a decimal number.\n" + question, "A number is needed.\n" + question}
	if !slices.Equal(prompts, want) {
		t.Errorf("the prompts are %q, want %q", prompts, want)
	}
}

func TestAMissingNodeIDIsAFaultWhenNobodyAnswers(t *testing.T) {
	expectFault(t, env{}, "NODE_ID: not set, and there is no terminal to ask at; set NODE_ID to this node's number, e.g. NODE_ID=1")
	env{}.set(t)
	_, _, err := Load(func(string) (string, error) { return "", io.EOF })
	if err == nil || !strings.Contains(err.Error(), "not answered (EOF); set NODE_ID") {
		t.Errorf("got %v", err)
	}
	asked := 0
	_, _, err = Load(func(string) (string, error) { asked++; return "three\n", nil })
	if asked != 3 {
		t.Errorf("asked %d times, want 3", asked)
	}
	if err == nil || !strings.Contains(err.Error(), `NODE_ID="three": not a decimal number`) {
		t.Errorf("got %v", err)
	}
}

func TestWithoutATerminalThereIsNobodyToAsk(t *testing.T) {
	stdin := os.Stdin
	defer func() { os.Stdin = stdin }()
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	os.Stdin = null
	if AskAtTerminal() != nil {
		t.Error("would ask at /dev/null")
	}
}
