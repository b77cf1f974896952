package e2e

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

// patience is how long anything may take before it counts as not happening. It is long
// because a test machine may be busy; nothing waits for it to pass.
const patience = 20 * time.Second

// binDir holds the binaries that TestMain has built from this checkout.
var binDir string

func TestMain(m *testing.M) {
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "swim-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binDir = dir
	for _, module := range []string{"detector", "disseminator", "swimctl"} {
		build := exec.Command("go", "build", "-o", filepath.Join(dir, module), ".")
		build.Dir = filepath.Join("..", "..", module)
		if out, err := build.CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "cannot build %s: %v\n%s", module, err, out)
			return 1
		}
	}
	return m.Run()
}

// network is a cluster on loopback addresses that no other test uses.
type network struct {
	*cluster.Cluster
	t    *testing.T
	ctx  context.Context // ends with the test's patience
	host func(id int) string
}

// newNetwork prepares a cluster whose nodes have the addresses 127.0.net.id. The period is
// short, so that many of them pass; whoever needs another gives its own environment.
func newNetwork(t *testing.T, net byte, env ...string) *network {
	t.Helper()
	return newNetworkAt(t, cluster.OwnHosts(net), env...)
}

func newNetworkAt(t *testing.T, host func(int) string, env ...string) *network {
	t.Helper()
	c, err := cluster.New(cluster.Config{
		BinDir: binDir,
		LogDir: t.TempDir(),
		Host:   host,
		Env:    append([]string{"SWIM_PROBE_INTERVAL=400ms", "SWIM_PROBE_TIMEOUT=200ms"}, env...),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	n := &network{Cluster: c, t: t, ctx: ctx, host: host}
	t.Cleanup(func() {
		cancel()
		if err := c.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			n.showLogs()
		}
	})
	return n
}

// showLogs prints the end of each log of a test that failed.
func (n *network) showLogs() {
	for _, node := range n.Nodes() {
		for _, p := range []*cluster.Process{node.Detector, node.Disseminator} {
			n.t.Logf("the end of the log of %s:\n%s", p.Name, p.LastLines(25))
		}
	}
}

// pairs adds nodes 1 to count that know each other, not started.
func (n *network) pairs(count int) []*cluster.Node {
	var members []string
	for id := 1; id <= count; id++ {
		members = append(members, n.host(id)+":"+fmt.Sprint(50050+id))
	}
	var nodes []*cluster.Node
	for id := 1; id <= count; id++ {
		nodes = append(nodes, n.Add(id, "MEMBERS="+strings.Join(members, ",")))
	}
	return nodes
}

// running starts pairs 1 to count and waits until all agree.
func (n *network) running(count int) []*cluster.Node {
	n.t.Helper()
	nodes := n.pairs(count)
	n.start(nodes...)
	n.agree(alive(count), nodes...)
	return nodes
}

// start the nodes and watch their lists.
func (n *network) start(nodes ...*cluster.Node) {
	n.t.Helper()
	for _, node := range nodes {
		n.must(node.Start())
		n.must(n.Watch(node))
	}
}

// agree waits until the lists of the nodes are the same and have the wanted states.
func (n *network) agree(want map[swim.NodeID]swim.State, nodes ...*cluster.Node) {
	n.t.Helper()
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	if _, err := n.WaitAgree(ctx, want, nodes...); err != nil {
		n.t.Fatal(err)
	}
}

// never checks that no watched node has ever reported the member in the state.
func (n *network) never(state swim.State, members ...*cluster.Node) {
	n.t.Helper()
	for _, m := range members {
		if c, said := n.EverSaid(m.Name(), state); said {
			n.t.Errorf("node %d was reported %s, though it never was: %s", m.ID, state, c)
		}
	}
}

// says waits until the process has logged a line that the pattern matches.
func (n *network) says(p *cluster.Process, pattern string) {
	n.t.Helper()
	n.saysAgain(p, pattern, 1)
}

// saysAgain waits for as many such lines.
func (n *network) saysAgain(p *cluster.Process, pattern string, times int) {
	n.t.Helper()
	re := regexp.MustCompile("(?m)^.*(?:" + pattern + ").*$")
	ctx, cancel := context.WithTimeout(n.ctx, patience)
	defer cancel()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for {
		text, err := p.Log()
		n.must(err)
		if len(re.FindAll(text, -1)) >= times {
			return
		}
		select {
		case <-ticker.C: // a file does not tell when it grows
		case <-ctx.Done():
			n.t.Fatalf("%s did not say %q %d times; its last lines:\n%s", p.Name, pattern, times, p.LastLines(15))
		}
	}
}

// exits waits for the end of the process and checks its exit code and its last words.
func (n *network) exits(p *cluster.Process, code int, words ...string) {
	n.t.Helper()
	select {
	case <-p.Done():
	case <-time.After(patience):
		n.t.Fatalf("%s still runs, want exit code %d; its last lines:\n%s", p.Name, code, p.LastLines(15))
	}
	if got := p.ExitCode(); got != code {
		n.t.Errorf("%s ended with exit code %d, want %d", p.Name, got, code)
	}
	text, err := p.Log()
	n.must(err)
	for _, word := range words {
		if !strings.Contains(string(text), word) {
			n.t.Errorf("%s does not say %q:\n%s", p.Name, word, text)
		}
	}
}

func (n *network) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}

// alive wants members 1 to count to be alive.
func alive(count int) map[swim.NodeID]swim.State {
	want := map[swim.NodeID]swim.State{}
	for id := 1; id <= count; id++ {
		want[swim.NodeID(fmt.Sprint(id))] = swim.Alive
	}
	return want
}
