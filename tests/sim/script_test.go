package sim_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/sim"
	"github.com/swimpair/swim/tests/sim/audit"
)

var update = flag.Bool("update", false, "write the golden traces anew")

// The scripts in testdata hold under every seed, audited; and under seed 1 they go exactly
// as their golden trace says, so that whoever changes a rule sees what it changes.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, string(script), strings.TrimSuffix(file, ".txt")+".trace")
			for seed := uint64(2); seed <= seedsOf(string(script)); seed++ {
				if _, err := play(seed, string(script)); err != nil {
					t.Errorf("seed %d: %v", seed, err)
				}
			}
		})
	}
}

// seedsOf is how many seeds a script is tried with: fewer if its first line says so,
// because it takes long.
func seedsOf(script string) uint64 {
	var n uint64
	if _, err := fmt.Sscanf(script, "# seeds: %d", &n); err == nil {
		return (n + slowdown - 1) / slowdown
	}
	return seeds
}

// play runs a script under one seed and returns its trace.
func play(seed uint64, script string) (trace string, err error) {
	var b bytes.Buffer
	w := sim.New(seed, &b)
	w.Auditor = audit.New(sim.Defaults)
	err = w.Play(script)
	for _, v := range w.Auditor.Violations() {
		err = fmt.Errorf("%w\nat %s %s: %s", orNothing(err), v.At, v.Rule, v.Text)
	}
	return b.String(), err
}

func orNothing(err error) error {
	if err == nil {
		return fmt.Errorf("the auditor objects")
	}
	return err
}

func golden(t *testing.T, script, file string) {
	t.Helper()
	trace, err := play(1, script)
	if err != nil {
		t.Errorf("seed 1: %v", err)
		return
	}
	trace = afterTheStart(trace)
	if *update {
		if err := os.WriteFile(file, []byte(trace), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; write it with: go test ./sim -run TestScripts -update", err)
	}
	if trace != string(want) {
		t.Errorf("the trace is not %s; if the change is meant, write it anew with: go test ./sim -run TestScripts -update\n%s",
			file, firstDifference(trace, string(want)))
	}
}

// afterTheStart leaves out how the cluster came to be, and what is no news.
func afterTheStart(trace string) string {
	var kept []string
	started := false
	for _, line := range strings.SplitAfter(trace, "\n") {
		script := strings.Contains(line, "  script ")
		started = started || (script && !strings.Contains(line, "nodes ") && !strings.Contains(line, "formed "))
		if started && (script || strings.Contains(line, " member_") || strings.Contains(line, "_down") || strings.Contains(line, "halts")) {
			kept = append(kept, line)
		}
	}
	const most = 400
	if len(kept) > most {
		kept = append(kept[:most], fmt.Sprintf("and %d lines more\n", len(kept)-most))
	}
	return strings.Join(kept, "")
}

func firstDifference(got, want string) string {
	a, b := strings.Split(got, "\n"), strings.Split(want, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d\n got: %s\nwant: %s", i+1, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d lines, want %d", len(a), len(b))
}

func TestABadScriptIsRefused(t *testing.T) {
	for _, script := range []string{"fly", "run", "run soon", "kill 9", "nodes many", "loss 300%", "lose 1 50% up", "expect 1s: nobody says 1 alive", "cut 1"} {
		w := sim.New(1, nil)
		if err := w.Play("nodes 2\n" + script); err == nil || !strings.Contains(err.Error(), "line 2") {
			t.Errorf("%q: got %v, want what is wrong with line 2", script, err)
		}
	}
}
