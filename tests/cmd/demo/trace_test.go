package main

import (
	"testing"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

func line(node int, trace, rpc, to string) cluster.Line {
	line := cluster.Line{Node: node, TraceID: trace, RPC: rpc, To: to}
	if rpc == "" {
		line.Message = "Node " + to + " has failed: crashed, said by 2"
	}
	return line
}

func TestTheTraceOfAFailureIsTheOneThatReachedTheMostNodes(t *testing.T) {
	lines := []cluster.Line{
		line(1, "healthy", "Ping", "2"), line(2, "healthy", "Ping", "2"), line(3, "healthy", "Ping", "2"),
		line(1, "late", "", "5"),
		line(2, "news", "", "5"), line(3, "news", "Disseminate", "3"), line(1, "late", "IndirectPing", "3"),
		line(1, "", "", "5"),
	}
	trace := failureTrace(lines, "5")
	if len(trace) != 2 || trace[0].TraceID != "news" {
		t.Errorf("the trace is %+v, want the two lines of news", trace)
	}
	if got := failureTrace(lines, "4"); got != nil {
		t.Errorf("nobody speaks of node 4, but its failure has the trace %+v", got)
	}
}

func TestABriefLineLeavesOutWhatItsColumnSays(t *testing.T) {
	cases := map[string]cluster.Line{
		"sends RPC Ping to FailureDetector of Node 5":              {Message: "Component FailureDetector of Node 2 sends RPC Ping to Component FailureDetector of Node 5"},
		"runs RPC Ping called by FailureDetector of Node 1":        {Message: "Component FailureDetector of Node 5 runs RPC Ping called by Component FailureDetector of Node 1"},
		"RPC Ping to FailureDetector of Node 5 failed (Cancelled)": {Message: "RPC Ping to Component FailureDetector of Node 5 failed", Code: "Cancelled"},
		"Node 5 has failed: unreachable, said by 2":                {Message: "Node 5 has failed: unreachable, said by 2"},
	}
	for want, line := range cases {
		if got := brief(line); got != want {
			t.Errorf("brief(%q) = %q, want %q", line.Message, got, want)
		}
	}
}

func TestIdleFiguresAreMeansOverTheProcessesOfOneKind(t *testing.T) {
	usage := func(mib int64, cpu time.Duration) cluster.Usage {
		return cluster.Usage{RSS: mib << 20, CPU: cpu}
	}
	before := map[string]cluster.Usage{
		"node1-detector": usage(1, time.Second), "node2-detector": usage(1, 0), "node1-disseminator": usage(1, 0),
	}
	after := map[string]cluster.Usage{
		"node1-detector": usage(10, time.Second+10*time.Millisecond), "node2-detector": usage(20, 30*time.Millisecond),
		"node1-disseminator": usage(500, time.Minute),
	}
	var f figures
	f.idle("detector", before, after, 10*time.Second)
	if got := text(f[0].values[0]) + " " + f[0].unit; got != "15.000 MiB" {
		t.Errorf("memory is %s, want 15.000 MiB", got)
	}
	if got := text(f[1].values[0]) + " " + f[1].unit; got != "2.000 ms/s" {
		t.Errorf("CPU is %s, want 2.000 ms/s", got)
	}
}
