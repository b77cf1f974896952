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
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
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
			program := build(t, plant(t, bug.edits))
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

// plant applies the edits and returns the files that they change, by name.
func plant(t *testing.T, edits []edit) map[string]string {
	t.Helper()
	files := map[string]string{}
	for _, e := range edits {
		file, err := filepath.Abs(filepath.Join("..", "..", e.file))
		if err != nil {
			t.Fatal(err)
		}
		if files[file] == "" {
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			files[file] = string(source)
		}
		if found := strings.Count(files[file], e.sound); found != 1 {
			t.Fatalf("%s has %d times:\n%s\nthe list of bugs is out of date", e.file, found, e.sound)
		}
		files[file] = strings.Replace(files[file], e.sound, e.planted, 1)
	}
	return files
}

// build compiles the simulator with some files replaced, and returns the program.
func build(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "sim")
	replace := map[string]string{}
	for file, content := range files {
		replace[file] = filepath.Join(dir, fmt.Sprintf("planted%d.go", len(replace)))
		write(t, replace[file], content)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "overlay.json"), string(overlay))
	args := []string{"build", "-buildvcs=false", "-o", program, "-overlay", filepath.Join(dir, "overlay.json"), "../cmd/sim"}
	if out, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

func write(t *testing.T, file, content string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
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
