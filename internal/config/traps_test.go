package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestAnEmptyVariableIsAnUnsetOne(t *testing.T) {
	want, _ := mustLoad(t, node1)
	empty, blank := maps.Clone(node1), maps.Clone(node1)
	for _, v := range variables[1:] {
		empty[v.name], blank[v.name] = "", " \t "
	}
	for _, e := range []env{empty, blank, node1.with(env{"SWIM_NOBODY_KNOWS": ""}), node1.with(env{"MEMBERS": " , ,"})} {
		if got, warnings := mustLoad(t, e); !reflect.DeepEqual(got, want) || len(warnings) != 0 {
			t.Errorf("got  %+v (warnings %q)\nwant %+v", got, warnings, want)
		}
	}
}

func TestNoVariableIsReadWithoutItsPrefix(t *testing.T) {
	e := maps.Clone(node1)
	for name, value := range everything {
		if bare, found := strings.CutPrefix(name, prefix); found {
			e[bare] = value
		}
	}
	want, _ := mustLoad(t, node1)
	if got, _ := mustLoad(t, e); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// links is what Kubernetes injects for the Services swim and swim-detector.
var links = env{
	"SWIM_PORT":                      "tcp://10.0.0.1:50061",
	"SWIM_SERVICE_HOST":              "10.0.0.1",
	"SWIM_SERVICE_PORT":              "50061",
	"SWIM_SERVICE_PORT_GRPC":         "50061",
	"SWIM_PORT_50061_TCP":            "tcp://10.0.0.1:50061",
	"SWIM_PORT_50061_TCP_PROTO":      "tcp",
	"SWIM_PORT_50061_TCP_PORT":       "50061",
	"SWIM_PORT_50061_TCP_ADDR":       "10.0.0.1",
	"SWIM_DETECTOR_PORT":             "tcp://10.0.0.2:50051",
	"SWIM_DETECTOR_SERVICE_HOST":     "10.0.0.2",
	"SWIM_DETECTOR_PORT_50051_TCP":   "tcp://10.0.0.2:50051",
	"SWIM_DETECTOR_PORT_53_UDP_ADDR": "10.0.0.2",
}

func TestServiceLinksOfKubernetesAreIgnoredWithOneWarning(t *testing.T) {
	want, _ := mustLoad(t, node1)
	got, warnings := mustLoad(t, node1.with(links))
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "enableServiceLinks: false") {
		t.Fatalf("warnings %q, want one that names enableServiceLinks: false", warnings)
	}
	for name := range links {
		if !strings.Contains(warnings[0], name) {
			t.Errorf("%s is not in %q", name, warnings[0])
		}
	}
	for _, v := range variables {
		if serviceLink.MatchString(v.name) || servicePort.MatchString(v.name) {
			t.Errorf("%s could be made by Kubernetes", v.name)
		}
	}
}

func TestAPortOfOnesOwnIsNoServiceLink(t *testing.T) {
	expectFault(t, node1.with(env{"SWIM_PORT": "50051"}), "SWIM_PORT: unknown variable")
	expectFault(t, node1.with(env{"SWIM_PEERS": "tcp://node2:50052"}), "SWIM_PEERS: unknown variable")
}

func TestOctalAndOtherNumbersAreRefused(t *testing.T) {
	for _, value := range []string{"010", "08", "00", "0x1", "0b1", "1_0", "+1", "-1", "1.0", "1e1", "abc", "node1", "1 2", "٣"} {
		expectFault(t, env{"NODE_ID": value}, fmt.Sprintf("NODE_ID=%q: ", value), "set NODE_ID to this node's number, e.g. NODE_ID=1")
		expectFault(t, node1.with(env{"SWIM_INDIRECT_PROBES": value}), "SWIM_INDIRECT_PROBES=", "number from 0 to 16")
	}
	for _, value := range []string{"0", "10001", "99999999999999999999"} {
		expectFault(t, env{"NODE_ID": value}, "not in 1..10000")
	}
	for _, e := range []env{{"MEMBERS": "node1:050051"}, {"SWIM_DETECTOR_ADDR": ":050051"}} {
		expectFault(t, node1.with(e), "leading zero")
	}
	if cfg, _ := mustLoad(t, env{"NODE_ID": " 10000\n"}); cfg.NodeID != 10000 || cfg.DisseminatorAddr != ":60060" {
		t.Errorf("got %+v, want the blanks around 10000 trimmed", cfg)
	}
}

func TestBlanksInListsDoNotCount(t *testing.T) {
	cfg, _ := mustLoad(t, node1.with(env{
		"MEMBERS":           " node1:50051 ,\tnode2:50052,, node3:50053, ",
		"BOOTSTRAP_ADDRESS": " node1:50061 , node1:50061,",
		"SWIM_TAGS":         " a = 1 , b= ,",
	}))
	if got := strings.Join(cfg.Members, "|"); got != "node1:50051|node2:50052|node3:50053" {
		t.Errorf("members %q", got)
	}
	if got := strings.Join(cfg.BootstrapAddresses, "|"); got != "node1:50061" {
		t.Errorf("bootstrap addresses %q", got)
	}
	if want := map[string]string{"a": "1", "b": ""}; !maps.Equal(cfg.Tags, want) {
		t.Errorf("tags %q, want %q", cfg.Tags, want)
	}
}

func TestAllFaultsAreReportedAtOnce(t *testing.T) {
	got := faultsOf(t, env{
		"NODE_ID":                "abc",
		"MEMBERS":                "localhost,node2:50052,http://node3",
		"BOOTSTRAP_ADDRESS":      "node1:x",
		"SWIM_CLUSTER":           "a b",
		"SWIM_ADVERTISE_HOST":    "node1:50051",
		"SWIM_DETECTOR_ADDR":     "50051",
		"SWIM_DISSEMINATOR_ADDR": ":http",
		"SWIM_PROBE_INTERVAL":    "5",
		"SWIM_PROBE_TIMEOUT":     "soon",
		"SWIM_PROBE_ORDER":       "rings",
		"SWIM_INDIRECT_PROBES":   "17",
		"SWIM_PAUSE_TOLERANCE":   "1",
		"SWIM_SUSPICION_MAX":     "11m",
		"SWIM_PAIR_GRACE":        "never",
		"SWIM_LOG_LEVEL":         "loud",
		"SWIM_LOG_FORMAT":        "xml",
		"SWIM_CRASH_VERDICT":     "maybe",
		"SWIM_TCP_TUNING":        "1",
		"SWIM_LOG_RPC":           "none",
		"SWIM_ZONE":              strings.Repeat("z", 65),
		"SWIM_TAGS":              "a",
		"SWIM_PROBE_INTERVALL":   "1s",
	})
	var named []string
	for _, line := range got {
		name, _, _ := strings.Cut(strings.ReplaceAll(line, ":", "="), "=")
		named = append(named, name)
	}
	want := []string{"SWIM_PROBE_INTERVALL"}
	for _, v := range variables {
		want = append(want, v.name)
	}
	want = append(want, "MEMBERS") // two entries
	if !reflect.DeepEqual(slices.Sorted(slices.Values(named)), slices.Sorted(slices.Values(want))) {
		t.Errorf("faults\n%s\nwant one for each of %q", strings.Join(got, "\n"), want)
	}
}

func TestFaultsAreAListWithOneLineEach(t *testing.T) {
	env{"NODE_ID": "abc", "SWIM_LOG_RPC": "some\nlines"}.set(t)
	_, _, err := Load(nil)
	want := "configuration: 2 faults\n" +
		`  NODE_ID="abc": not a decimal number; set NODE_ID to this node's number, e.g. NODE_ID=1` + "\n" +
		`  SWIM_LOG_RPC="some\nlines": unknown value; choose one of all, changes`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	one := Faults{{Variable: "A", Value: strings.Repeat("x", 500), Problem: "is long", Cure: "cut it"}}
	if got := one.Error(); !strings.HasPrefix(got, "configuration: 1 fault\n") || len(got) > 200 {
		t.Errorf("got %q", got)
	}
}

func TestATypoIsRefusedWithTheNameThatWasMeant(t *testing.T) {
	for typo, meant := range map[string]string{
		"SWIM_PROBE_INTERVALL":   "SWIM_PROBE_INTERVAL",
		"SWIM_PORBE_INTERVAL":    "SWIM_PROBE_INTERVAL",
		"SWIM_INTERVAL":          "SWIM_PROBE_INTERVAL",
		"SWIM_PROBE_TIMEOUTS":    "SWIM_PROBE_TIMEOUT",
		"SWIM_INDIRECT_PROBE":    "SWIM_INDIRECT_PROBES",
		"SWIM_TAG":               "SWIM_TAGS",
		"SWIM_LOGLEVEL":          "SWIM_LOG_LEVEL",
		"SWIM_DETECTOR_ADDRESS":  "SWIM_DETECTOR_ADDR",
		"SWIM_NODE_ID":           "NODE_ID",
		"SWIM_MEMBERS":           "MEMBERS",
		"SWIM_BOOTSTRAP_ADDRESS": "BOOTSTRAP_ADDRESS",
	} {
		expectFault(t, node1.with(env{typo: "1s"}), typo+": unknown variable; did you mean "+meant+"?")
	}
	expectFault(t, node1.with(env{"SWIM_XYZZY": "1"}), "SWIM_XYZZY: unknown variable; unset it")
}

func TestTheValueOfAnUnknownVariableIsNotShown(t *testing.T) {
	if got := faultsOf(t, node1.with(env{"SWIM_TLS_KEY": "hunter2"})); len(got) != 1 || strings.Contains(got[0], "hunter2") {
		t.Errorf("got %q", got)
	}
}

func TestDurationsNeedAUnit(t *testing.T) {
	expectFault(t, node1.with(env{"SWIM_PROBE_INTERVAL": "5"}),
		`SWIM_PROBE_INTERVAL="5": a duration without a unit; write SWIM_PROBE_INTERVAL=5s for seconds or SWIM_PROBE_INTERVAL=5ms for milliseconds`)
	expectFault(t, node1.with(env{"SWIM_PROBE_TIMEOUT": "0,5s"}), "not a duration", "e.g. SWIM_PROBE_TIMEOUT=500ms")
}

func TestLimitsAreInclusive(t *testing.T) {
	many := func(n int) string {
		var tags []string
		for i := range n {
			tags = append(tags, fmt.Sprintf("k%d=v", i))
		}
		return strings.Join(tags, ",")
	}
	for name, values := range map[string]struct{ good, bad []string }{
		"SWIM_PROBE_INTERVAL":  {[]string{"501ms", "1m", "60s"}, []string{"99ms", "1m1ms", "0", "-1s"}},
		"SWIM_PROBE_TIMEOUT":   {[]string{"10ms", "999ms"}, []string{"9ms", "1s"}},
		"SWIM_INDIRECT_PROBES": {[]string{"0", "16"}, []string{"17"}},
		"SWIM_PAUSE_TOLERANCE": {[]string{"100ms", "4s"}, []string{"99ms", "1m1ms"}},
		"SWIM_SUSPICION_MAX":   {[]string{"1s", "10m"}, []string{"999ms", "10m1s"}},
		"SWIM_PAIR_GRACE":      {[]string{"100ms", "10m"}, []string{"99ms", "10m1s"}},
		"SWIM_CLUSTER":         {[]string{"a", strings.Repeat("a", 64)}, []string{strings.Repeat("a", 65), "a/b", "ä"}},
		"SWIM_ZONE":            {[]string{strings.Repeat("a", 64), "Zürich 2"}, []string{strings.Repeat("ä", 33), "a\nb", "\xff"}},
		"SWIM_LOG_LEVEL":       {[]string{"debug", "warn", "error", "INFO"}, []string{"fatal", "warning"}},
		"SWIM_TAGS": {
			[]string{many(32), strings.Repeat("k", 64) + "=" + strings.Repeat("v", 256)},
			[]string{many(33), strings.Repeat("k", 65) + "=v", "k=" + strings.Repeat("v", 257), "=v", "k", "k=1,k=2", "k=\x01"},
		},
	} {
		for _, value := range values.good {
			if got := faultsOf(t, node1.with(env{name: value})); len(got) != 0 {
				t.Errorf("%s=%q is refused: %q", name, value, got)
			}
		}
		for _, value := range values.bad {
			expectFault(t, node1.with(env{name: value}), name)
		}
	}
	if got := faultsOf(t, node1.with(env{"SWIM_PROBE_INTERVAL": "100ms", "SWIM_PROBE_TIMEOUT": "99ms"})); len(got) != 0 {
		t.Errorf("the shortest interval is refused: %q", got)
	}
}

func TestChoicesAreNormalised(t *testing.T) {
	if cfg, _ := mustLoad(t, node1.with(env{"SWIM_LOG_LEVEL": "WARN"})); cfg.LogLevel != "warn" {
		t.Errorf("level %q", cfg.LogLevel)
	}
}
