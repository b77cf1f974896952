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
	nodes     = "5" // unless a bug needs more
	moreNodes = "12"
	// patience with one run: a bug may make messages without end.
	patience = time.Minute
)

func TestTheSoundCoresKeepEveryPromise(t *testing.T) {
	program := build(t, "", "")
	for _, n := range []string{nodes, moreNodes} {
		if out, err := simulate(t, program, n); err != nil {
			t.Errorf("%v\n%s", err, out)
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
			file := filepath.Join("..", "..", bug.file)
			source, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Count(string(source), bug.sound) != 1 {
				t.Fatalf("%s has %d times:\n%s\nthe list of bugs is out of date", bug.file, strings.Count(string(source), bug.sound), bug.sound)
			}
			planted := strings.Replace(string(source), bug.sound, bug.planted, 1)
			out, err := simulate(t, build(t, file, planted), cmp.Or(bug.nodes, nodes))
			if err == nil {
				t.Fatalf("nobody has noticed:\n%s", out)
			}
			if !strings.Contains(out, " "+bug.rule+": ") {
				t.Errorf("it was not rule %q that has noticed:\n%s", bug.rule, out)
			}
		})
	}
}

// build compiles the simulator with one file replaced, and returns the program.
func build(t *testing.T, file, content string) string {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "sim")
	args := []string{"build", "-buildvcs=false", "-o", program}
	if file != "" {
		absolute, err := filepath.Abs(file)
		if err != nil {
			t.Fatal(err)
		}
		replaced := filepath.Join(dir, "planted.go")
		overlay, err := json.Marshal(map[string]map[string]string{"Replace": {absolute: replaced}})
		if err != nil {
			t.Fatal(err)
		}
		write(t, replaced, content)
		write(t, filepath.Join(dir, "overlay.json"), string(overlay))
		args = append(args, "-overlay", filepath.Join(dir, "overlay.json"))
	}
	if out, err := exec.Command("go", append(args, "../cmd/sim")...).CombinedOutput(); err != nil {
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

func simulate(t *testing.T, program, n string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	out, err := exec.CommandContext(ctx, program, "-first", "-seeds", seeds, "-n", n).CombinedOutput()
	const shown = 4000
	if len(out) > shown {
		out = append(out[:shown:shown], "\n...\n"...)
	}
	return string(out), err
}
