package virtual_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/sim"
	"github.com/swimpair/swim/tests/sim/audit"
	"github.com/swimpair/swim/tests/virtual"
)

var long = flag.Bool("long", false, "play the scripts that take a minute, too")

// tooLong are the steps that cost real services too much: hours, and a crowd that dials itself.
var tooLong = regexp.MustCompile(`(?m)^(run \d+h|crowd [3-9]\d)`)

// notHere are scripts that mean something else without a network's latency.
var notHere = map[string]string{
	"TestScripts/joiner-without-a-detector": "the joiner is in before it can lose its detector",
}

// The schedules that the cores get right in the simulator, played to real services over
// real gRPC: the very same texts, and some for what only real services can show.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("../sim/testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	own, _ := filepath.Glob("testdata/*.txt")
	for _, file := range append(files, own...) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if step, found := virtual.Foreign(string(script)); found {
				t.Skipf("real services cannot %q", step)
			}
			if why := notHere[t.Name()]; why != "" {
				t.Skip(why)
			}
			if step := tooLong.Find(script); step != nil && !*long {
				t.Skipf("%q takes a minute; play it with -long", step)
			}
			audited(t, string(script))
		})
	}
}

// Schedules that the simulator draws, but for what only a simulator can do to a machine.
func TestDrawnSchedules(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			t.Parallel()
			audited(t, virtual.Without(sim.Draw(seed, 5, sim.Liveness)))
		})
	}
}

// audited plays a script and has the run judged by the simulator's auditor.
func audited(t *testing.T, script string) {
	t.Helper()
	virtual.Run(t, func(net *virtual.Net) {
		net.Play(script)
		for _, v := range net.Audit(sim.Defaults) {
			switch {
			case v.Rule == audit.RuleWitnesses: // nobody sees here what a node is told
				continue
			case v.Rule == audit.RuleIncarnation && strings.Contains(script, "stop "):
				continue // the watchers of a half that stops do not hear its last words
			}
			t.Errorf("at %s %s: %s", v.At, v.Rule, v.Text)
		}
		if t.Failed() {
			t.Logf("the script:\n%s\nthe story:\n%s", script, net.Story())
		}
	})
}
