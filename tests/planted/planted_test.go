// Package planted proves the simulator's auditor: it plants bugs that membership systems
// had in the field, one at a time, and demands that each is caught.
//
// A bug is an edit of a core's source that the compiler is shown in place of the file
// (go build -overlay): nothing in the tree changes. An edit that no longer fits its file
// fails the test, so that the list is kept.
package planted_test

import (
	"cmp"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/swimpair/swim/tests/overlay"
)

// Under these runs the sound cores keep every promise.
const (
	seeds     = "1..200"
	nodes     = "5" // unless a bug needs fewer or more
	fewNodes  = "3"
	moreNodes = "12"
	// patience with one run: a bug may make messages without end.
	patience = time.Minute
)

func TestTheSoundCoresKeepEveryPromise(t *testing.T) {
	program := build(t, nil)
	for _, n := range []string{fewNodes, nodes} {
		for _, mode := range []string{safety, liveness} {
			if out, err := simulate(t, program, "-seeds", seeds, "-n", n, "-mode", mode); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		}
	}
}

func TestEachPlantedBugIsCaught(t *testing.T) {
	if testing.Short() {
		t.Skip("each bug is a build and a run")
	}
	for _, bug := range bugs {
		t.Run(bug.name, func(t *testing.T) {
			t.Parallel()
			program := build(t, bug.edits)
			out, err := simulate(t, program, "-seeds", seeds, "-n", cmp.Or(bug.nodes, nodes), "-mode", bug.mode, "-until", bug.rule)
			if err == nil {
				t.Fatalf("nobody has noticed:\n%s", out)
			}
			if !strings.Contains(out, " "+bug.rule+": ") {
				t.Errorf("it was not rule %q that has noticed:\n%s", bug.rule, out)
			}
			t.Logf("noticed:\n%s", out)
		})
	}
}

// build compiles the simulator with the bug of these edits, and returns the program.
func build(t *testing.T, edits []edit) string {
	t.Helper()
	var list []overlay.Edit
	for _, e := range edits {
		list = append(list, overlay.Edit{File: e.file, Sound: e.sound, Other: e.planted})
	}
	files, err := overlay.Apply(filepath.Join("..", ".."), list)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "sim")
	if err := overlay.Go(dir, files, "build", "-o", program, "../cmd/sim"); err != nil {
		t.Fatal(err)
	}
	return program
}

func simulate(t *testing.T, program string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
	const shown = 4000
	if len(out) > shown { // the end has the seed that breaks the rule
		out = append([]byte("...\n"), out[len(out)-shown:]...)
	}
	return string(out), err
}
