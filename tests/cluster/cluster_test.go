package cluster

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

const patience = 20 * time.Second

func within(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}

func start(t *testing.T, n *Node) {
	t.Helper()
	if err := n.Start(); err != nil {
		t.Fatal(err)
	}
}

// waitLog waits until the process has said the text: only then it handles signals.
func waitLog(t *testing.T, p *Process, text string) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for ; ; <-time.After(5 * time.Millisecond) {
		log, err := p.Log()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(log), text) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s did not say %q, but %q", p.Name, text, log)
		}
	}
}

func TestNewSaysWhatToRunWhenTheBinariesAreMissing(t *testing.T) {
	_, err := New(Config{BinDir: t.TempDir(), LogDir: t.TempDir(), Host: SharedHost("127.0.0.1")})
	if err == nil || !strings.Contains(err.Error(), "make build") {
		t.Errorf("the error is %v, want one that says make build", err)
	}
}

func TestANodeGetsItsAddressesAndNotTheLaunchersSettings(t *testing.T) {
	t.Setenv("NODE_ID", "77")
	t.Setenv("SWIM_CLUSTER", "of-the-launcher")
	c := newTestCluster(t, 51)
	defer c.Close()
	n := c.Add(3)
	start(t, n)
	waitLog(t, n.Detector, "detector of node 3 with 127.0.51.3:50053 \n")
}

func TestCloseStopsEverythingAndKillsWhoDoesNotObey(t *testing.T) {
	c := newTestCluster(t, 52)
	good, bad := c.Add(1), c.Add(2, "PLAY=stubborn")
	start(t, good)
	start(t, bad)
	waitLog(t, good.Detector, "node 1")
	waitLog(t, bad.Detector, "node 2")
	err := c.Close()
	if err == nil || !strings.Contains(err.Error(), "node2-detector did not stop") {
		t.Errorf("the error is %v, want one about node2-detector", err)
	}
	if err != nil && strings.Contains(err.Error(), "node1") {
		t.Errorf("the error blames the obedient: %v", err)
	}
	for _, n := range c.Nodes() {
		for _, p := range n.halves() {
			if pid := p.PID(); pid != 0 {
				t.Errorf("%s is left running as process %d", p.Name, pid)
			}
		}
	}
	if got := good.Detector.ExitCode(); got != 0 {
		t.Errorf("the obedient detector ended with exit code %d, want 0", got)
	}
	if got := bad.Detector.ExitCode(); got != -1 {
		t.Errorf("the stubborn detector ended with exit code %d, want -1, killed", got)
	}
}

func TestAPausedProcessIsStoppedToo(t *testing.T) {
	c := newTestCluster(t, 53)
	n := c.Add(1)
	start(t, n)
	waitLog(t, n.Detector, "node 1")
	if err := n.Pause(); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Errorf("the paused node was not stopped in order: %v", err)
	}
}

func TestAProcessStartsAgainAfterItsEndAndKeepsItsLog(t *testing.T) {
	c := newTestCluster(t, 54)
	defer c.Close()
	p := c.Add(1).Detector
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err == nil {
		t.Error("a second start of a running process is no error")
	}
	waitLog(t, p, "node 1")
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(p.LastLines(1), "\n")
	waitLog(t, p, first+" \n"+first)
}

func TestCheckPortsNamesTheTakenOne(t *testing.T) {
	c := newTestCluster(t, 55)
	n := c.Add(1)
	if err := c.CheckPorts(t.Context()); err != nil {
		t.Fatalf("free ports are refused: %v", err)
	}
	listener, err := net.Listen("tcp", n.DisseminatorAddress)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	err = c.CheckPorts(t.Context())
	if err == nil || !strings.Contains(err.Error(), n.DisseminatorAddress) || strings.Contains(err.Error(), n.DetectorAddress) {
		t.Errorf("the error is %v, want one about %s alone", err, n.DisseminatorAddress)
	}
}

func TestTheObserverPutsSnapshotPagesTogetherAndRemembersEveryChange(t *testing.T) {
	c := newTestCluster(t, 56)
	defer c.Close()
	n := c.Add(1)
	if err := c.Watch(n); err != nil { // before the start: the stream comes with the process
		t.Fatal(err)
	}
	start(t, n)
	if _, err := c.WaitFor(within(t), func(Views) bool { return len(c.history) == 4 }); err != nil {
		t.Fatal(err)
	}
	if _, err := c.WaitAgree(within(t), Alive("1", "2"), n); err != nil {
		t.Error(err)
	}
	failed, said := c.EverSaid("9", swim.Failed)
	if got, want := failed.String(), "node 1 says: 9 alive -> failed (joined)"; !said || got != want {
		t.Errorf("the failure reads %q, want %q", got, want)
	}
}

func TestTheObserverFollowsANodeThroughItsDeath(t *testing.T) {
	c := newTestCluster(t, 57)
	defer c.Close()
	n := c.Add(1)
	start(t, n)
	if err := c.Watch(n); err != nil {
		t.Fatal(err)
	}
	connected := func(want bool) {
		t.Helper()
		if _, err := c.WaitFor(within(t), func(v Views) bool { return v["1"].Connected == want }); err != nil {
			t.Fatalf("Connected does not become %t: %v", want, err)
		}
	}
	connected(true)
	if err := n.Kill(); err != nil {
		t.Fatal(err)
	}
	connected(false)
	start(t, n)
	connected(true)
}

func TestANodeCanBeWatchedAgainAfterUnwatch(t *testing.T) {
	c := newTestCluster(t, 61)
	defer c.Close()
	n := c.Add(1)
	start(t, n)
	for range 2 {
		if err := c.Watch(n); err != nil {
			t.Fatal(err)
		}
		if _, err := c.WaitAgree(within(t), Alive("1", "2"), n); err != nil {
			t.Fatal(err)
		}
		c.Unwatch(n)
		if views := c.Views(); len(views) > 0 {
			t.Errorf("nobody is watched, but there are the views %v", views)
		}
	}
}

func TestDisagreementSaysWhoSeesWhat(t *testing.T) {
	c := newTestCluster(t, 58)
	defer c.Close()
	one, two, three := c.Add(1), c.Add(2, "PLAY_INCARNATION=7"), c.Add(3)
	for _, n := range []*Node{one, two} {
		start(t, n)
		if err := c.Watch(n); err != nil {
			t.Fatal(err)
		}
		if _, err := c.WaitAgree(within(t), Alive("1", "2"), n); err != nil {
			t.Fatal(err)
		}
	}
	cases := []struct {
		name string
		want map[swim.NodeID]swim.State
		by   []*Node
		says string
	}{
		{"other states", Alive("1", "2", "3"), []*Node{one}, "node 1 sees 1 alive, 2 alive"},
		{"other incarnations", Alive("1", "2"), []*Node{one, two}, "Incarnation:7"},
		{"a node that does not run", Alive("1", "2"), []*Node{three}, "node 3 does not answer"},
	}
	for _, test := range cases {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			_, err := c.WaitAgree(ctx, test.want, test.by...)
			if err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, want one that says %q", err, test.says)
			}
		})
	}
}

func TestUsageOfARunningProcessIsPlausible(t *testing.T) {
	c := newTestCluster(t, 59)
	defer c.Close()
	p := c.Add(1).Detector
	if _, err := p.Usage(); err == nil {
		t.Error("a process that does not run has a usage")
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	waitLog(t, p, "node 1")
	usage, err := p.Usage()
	if err != nil {
		t.Skipf("not on this system: %v", err)
	}
	if usage.RSS < 1<<20 || usage.RSS > 1<<30 || usage.CPU <= 0 || usage.CPU > time.Minute {
		t.Errorf("the usage is %+v", usage)
	}
}

func TestLinesOfAllLogsComeInTheOrderOfTheirTimes(t *testing.T) {
	c := newTestCluster(t, 60)
	one, two := c.Add(1), c.Add(2)
	write := func(p *Process, text string) {
		t.Helper()
		if err := os.WriteFile(p.LogFile, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(one.Detector, `{"ts":"2026-03-01T12:00:00.000000003Z","msg":"third","trace_id":"t","code":"OK"}
panic: not a line of the logger
{"ts":"2026-03-01T12:00:00.000000001Z","msg":"first"}
{"ts":"2026-03-01T11:59:59Z","msg":"too early"}
{"ts":"2026-03-01T12:00:01`)
	write(two.Disseminator, `{"ts":"2026-03-01T12:00:00.000000002Z","msg":"second","rpc":"Ping","from_node":"1","to_node":"2"}`)
	lines, err := c.Lines(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines {
		got = append(got, l.Process+" "+l.Message)
	}
	want := "node1-detector first, node2-disseminator second, node1-detector third"
	if strings.Join(got, ", ") != want {
		t.Errorf("lines are %q, want %q", strings.Join(got, ", "), want)
	}
}

// TestSignalsAfterTheEndReachNobody: the number may belong to another process by then.
func TestSignalsAfterTheEndReachNobody(t *testing.T) {
	c := newTestCluster(t, 61)
	p := c.Add(1).Detector
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("a signal before the first start: %v", err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	if err := p.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGKILL); err != nil {
		t.Errorf("a signal after the end: %v", err)
	}
}

func TestWhatAProcessSaysIsHeardAndLogged(t *testing.T) {
	heard := make(chan string, 2)
	p := NewProcess(Program{
		Name: "speaker", Path: "/bin/sh", Args: []string{"-c", "echo one; echo two; echo fault >&2"},
		LogFile: filepath.Join(t.TempDir(), "speaker.log"),
		Said:    func(_ time.Time, line string) { heard <- line },
	})
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"one", "two"} {
		if got := <-heard; got != want {
			t.Errorf("it said %q, want %q", got, want)
		}
	}
	waitLog(t, p, "two\n")
	waitLog(t, p, "fault\n")
}
