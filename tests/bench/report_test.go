package bench

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/document"
)

// lasting is a result whose last observers took so many milliseconds.
func lasting(system, fault string, nodes, repetitions int, milliseconds ...int) Result {
	r := Result{System: system, Fault: fault, Nodes: nodes, Repetitions: repetitions}
	for _, ms := range milliseconds {
		r.Spreads = append(r.Spreads, Spread{Last: time.Duration(ms) * time.Millisecond})
	}
	for range repetitions - len(milliseconds) {
		r.Missing = append(r.Missing, "it never was")
	}
	return r
}

func TestTargetsAreJudgedByWhatWasMeasured(t *testing.T) {
	cases := []struct {
		name, target string
		report       Report
		at, measured string
		verdict      string
	}{
		{"nothing", "SIGKILL of a node, last says failed: median", Report{}, "", "", notMeasured},
		{
			"fifty nodes before others", "SIGKILL of a node, last says failed: median",
			Report{Results: []Result{lasting(Ours, "kill", 50, 3, 60, 100, 300), lasting(Ours, "kill", 100, 1, 999)}}, "50 nodes", "0.100 s", met,
		},
		{
			"the largest if not fifty", "SIGKILL of a node, last says failed: worst",
			Report{Results: []Result{lasting(Ours, "kill", 5, 1, 10), lasting(Ours, "kill", 20, 2, 60, 251)}}, "20 nodes", "0.251 s", missed,
		},
		{
			"once never", "all start at once, each knows all: worst",
			Report{Results: []Result{lasting(Ours, join, 64, 20, 900)}}, "64 nodes", "never, 19 of 20 times", missed,
		},
		{
			"sooner than the peer", "SIGKILL of a node: 80 times sooner",
			Report{Results: []Result{lasting(Ours, "kill", 50, 1, 100), lasting(Memberlist, "kill", 50, 1, 8000)}}, "50 nodes", "80.0 times", met,
		},
		{
			"no peer", "SIGKILL of a node: 80 times sooner",
			Report{Results: []Result{lasting(Ours, "kill", 50, 1, 100)}}, "", "", notMeasured,
		},
		{
			"a pause", "a pause of 0.9 s: nobody failed",
			Report{Results: []Result{{System: Ours, Fault: pause, Faulted: 1}}}, "all sizes", "1", missed,
		},
		{
			"wrong words of a peer", "all faults: no healthy node failed",
			Report{Results: []Result{{System: Ours, Fault: pause}, {System: Serf, Fault: pause, Wrong: 3}}}, "all sizes", "0", met,
		},
		{
			"rest without a watcher", "a pair at rest: at most 2.5 CPU-ms/s",
			Report{Rests: []Rest{{System: Ours, Nodes: 5, CPU: 2.5}, {System: Ours, Nodes: 5, CPU: 3, Watched: true}}}, "5 nodes", "2.50", met,
		},
		{
			"growth", "memory of a pair, n = 100",
			Report{Rests: []Rest{{System: Ours, Nodes: 5, Memory: 20}, {System: Ours, Nodes: 100, Memory: 30}}}, "5, 100 nodes", "1.50 times", missed,
		},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			all := test.report.Targets()
			i := slices.IndexFunc(all, func(x Target) bool { return strings.HasPrefix(x.Name, test.target) })
			if i < 0 {
				t.Fatalf("there is no target %q", test.target)
			}
			if got := all[i]; got.At != test.at || got.Measured != test.measured || got.Verdict != test.verdict {
				t.Errorf("got %+v, want %q, %q, %q", got, test.at, test.measured, test.verdict)
			}
		})
	}
}

func TestSystemsStandSideBySide(t *testing.T) {
	r := Report{Results: []Result{
		lasting(Ours, "kill", 5, 1, 1), lasting(Ours, restart, 5, 1, 1), lasting(Ours, "stop", 5, 1, 1),
		lasting(Memberlist, "kill", 5, 1, 1), lasting(Ours, "kill", 20, 1, 1),
	}}
	var got []string
	for _, x := range r.compared() {
		got = append(got, fmt.Sprint(x.Fault, " ", x.Nodes, " ", x.System))
	}
	want := []string{"kill 5 ours", "kill 5 memberlist", "kill 20 ours", "restart 5 ours", "stop 5 ours"}
	if !slices.Equal(got, want) {
		t.Errorf("the order is %q, want %q", got, want)
	}
}

func TestTablesArePrintedInColumnsAndAsMarkdown(t *testing.T) {
	table := Table{Title: "Title.", Rows: [][]string{{"a", "long head"}, {"long cell", "b"}}}
	var b strings.Builder
	if err := table.Print(&b); err != nil {
		t.Fatal(err)
	}
	want := "\nTitle.\n\n  a          long head\n  -          ---------\n  long cell  b\n"
	if got := b.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := document.Markdown(table.Rows), "| a | long head |\n|---|---|\n| long cell | b |\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestADocumentGetsNewTablesAndKeepsWhatWasNotMeasured(t *testing.T) {
	const text = "before\n<!-- bench:begin x -->\nold x\n<!-- bench:end x -->\nbetween\n<!-- bench:begin y -->\nold y\n<!-- bench:end y -->\n"
	x := Table{Name: "x", Rows: [][]string{{"head"}, {"new"}}}
	y := Table{Name: "y", Rows: [][]string{{"head"}}}
	got, err := Document(text, []Table{x, y})
	if want := strings.Replace(text, "old x\n", document.Markdown(x.Rows), 1); err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	x.Name = "z"
	if _, err := Document(text, []Table{x}); err == nil {
		t.Error("a table without a place is no error")
	}
}

func TestEveryFaultHasADescription(t *testing.T) {
	for _, name := range tableOrder() {
		if descriptions[name] == "" {
			t.Errorf("%s has none", name)
		}
	}
}

func TestAMistypedConfigurationIsRefused(t *testing.T) {
	good := Config{
		Sizes: []int{5}, Together: 64, Systems: Systems, Faults: Faults(),
		Kills: 1, Joins: 1, Rounds: 1, Rest: time.Second, Starve: time.Second,
	}
	if err := good.Check(); err != nil {
		t.Fatal(err)
	}
	for name, spoil := range map[string]func(*Config){
		"system": func(c *Config) { c.Systems = []string{"etcd"} },
		"fault":  func(c *Config) { c.Faults = []string{"fire"} },
		"size":   func(c *Config) { c.Sizes = []int{2} },
		"count":  func(c *Config) { c.Kills = 0 },
	} {
		bad := good
		spoil(&bad)
		if bad.Check() == nil {
			t.Errorf("a bad %s is accepted", name)
		}
	}
}

func TestWrongVerdictsAreThoseAboutNodesWithoutAFault(t *testing.T) {
	victims := []*node{{id: 2}}
	events := []event{say(1, 1, 2, suspect), say(2, 1, 2, failed), say(3, 1, 3, failed), say(4, 3, 1, suspect), say(5, 4, 1, gone)}
	for _, f := range detected {
		want := 2
		if f.name == "term" {
			want = 3 // who says goodbye has not failed
		}
		if got := f.wrong(events, victims); got != want {
			t.Errorf("%s: %d wrong verdicts, want %d", f.name, got, want)
		}
	}
	var r Result
	if r.count(events, victims); r.Wrong != 2 || r.Faulted != 1 {
		t.Errorf("counted %d about healthy nodes and %d about faulted ones, want 2 and 1", r.Wrong, r.Faulted)
	}
}
