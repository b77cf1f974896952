// Package scripts tests the rules of the shell scripts in scripts/, with other programs
// in the place of those that they call.
package scripts

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// workshop is a directory with one script of the repository and what the test puts beside it.
type workshop struct{ dir string }

func newWorkshop(t *testing.T, script string) workshop {
	t.Helper()
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("no bash here")
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "scripts", script))
	if err != nil {
		t.Fatal(err)
	}
	w := workshop{t.TempDir()}
	w.put(t, "scripts/"+script, string(text))
	return w
}

// put an executable file into the workshop.
func (w workshop) put(t *testing.T, name, text string) {
	t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
}

// run the script; programs in the workshop's bin come before those of the machine.
func (w workshop) run(t *testing.T, script string, args ...string) (output string, ok bool) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(w.dir, "scripts", script), args...)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(w.dir, "bin")+":"+os.Getenv("PATH"))
	text, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(text)), err == nil
}

// members is a swimctl at which every node lists "id state incarnation" rows of its own.
func members(rowsByNode map[string]string) string {
	var b strings.Builder
	b.WriteString("#!/bin/sh\ncase $3 in\n")
	for node, rows := range rowsByNode {
		b.WriteString("*:5006" + node + ")\n")
		for row := range strings.SplitSeq(rows, ",") {
			f := strings.Fields(row)
			b.WriteString(`printf '"id": "` + f[0] + `",\n"state": "` + f[1] + `",\n"incarnation": ` + f[2] + `,\n'` + "\n")
		}
		b.WriteString(";;\n")
	}
	b.WriteString("esac\n")
	return b.String()
}

func TestOtherMembersAreAcceptedOnlyBehindDots(t *testing.T) {
	const two = "1 alive 10,2 alive 20"
	for name, c := range map[string]struct {
		want, one, two string
		ok             bool
	}{
		"exactly these":                  {"1:alive 2:alive", two, two, true},
		"one too many":                   {"1:alive 2:alive", two + ",6 alive 60", two + ",6 alive 60", false},
		"one more behind dots":           {"1:alive 2:alive ...", two + ",6 alive 60", two + ",6 left 61", true},
		"none more behind dots":          {"1:alive 2:alive ...", two, two, true},
		"one too few, in spite of dots":  {"1:alive 2:alive ...", two, "1 alive 10", false},
		"wrong state, in spite of dots":  {"1:alive 2:alive ...", "1 alive 10,2 failed 20", "1 alive 10,2 failed 20", false},
		"another life, in spite of dots": {"1:alive 2:alive ...", two, "1 alive 10,2 alive 21", false},
		"another life of one":            {"1:alive 2:alive", two, "1 alive 10,2 alive 21", false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorkshop(t, "wait-members.sh")
			w.put(t, "bin/swimctl", members(map[string]string{"1": c.one, "2": c.two}))
			if output, ok := w.run(t, "wait-members.sh", "0", c.want, "1", "2"); ok != c.ok {
				t.Errorf("succeeded: %t, want %t; it said:\n%s", ok, c.ok, output)
			}
		})
	}
}

func TestTheLogsOfANodeAreThoseOfBothHalves(t *testing.T) {
	w := newWorkshop(t, "logs.sh")
	w.put(t, "scripts/compose.sh", "#!/bin/sh\necho \"$@\"\n")
	for args, want := range map[string]string{
		"":                            "logs --follow --tail 100",
		"node3":                       "logs --follow --tail 100 node3-detector node3-disseminator",
		"node3-detector":              "logs --follow --tail 100 node3-detector",
		"node1 node2-detector node10": "logs --follow --tail 100 node1-detector node1-disseminator node2-detector node10-detector node10-disseminator",
	} {
		if got, ok := w.run(t, "logs.sh", strings.Fields(args)...); got != want || !ok {
			t.Errorf("SERVICE=%q: %q, succeeded: %t; want %q", args, got, ok, want)
		}
	}
}

func TestNodesListsWhatRunsAndSaysMakeUpWhenNothingDoes(t *testing.T) {
	w := newWorkshop(t, "nodes.sh")
	w.put(t, "bin/docker", "#!/bin/sh\nprintf 'node10-disseminator\\nnode2-disseminator\\nnode2\\nnode3-detector\\n'\n")
	if got, ok := w.run(t, "nodes.sh"); got != "2 10" || !ok {
		t.Errorf("got %q, succeeded: %t; want 2 10", got, ok)
	}
	w.put(t, "bin/docker", "#!/bin/sh\n")
	if got, ok := w.run(t, "nodes.sh"); !strings.Contains(got, "'make up' first") || ok {
		t.Errorf("got %q, succeeded: %t; want it to fail and say: make up first", got, ok)
	}
}

func TestHealthIsCountedOfTheNodesThatAreAskedFor(t *testing.T) {
	for healthy, want := range map[string]bool{
		"node1-detector node1-disseminator":                                     true,
		"node1-detector node1-disseminator node6-detector node6-disseminator":   true,
		"node1-detector node6-detector node6-disseminator":                      false,
		"node1-detector node11-disseminator node11-detector node1-disseminator": true,
		"node1-detector node11-disseminator":                                    false,
	} {
		w := newWorkshop(t, "wait-healthy.sh")
		w.put(t, "scripts/compose.sh", "#!/bin/sh\n")
		w.put(t, "bin/docker", "#!/bin/sh\nprintf '%s\\n' "+healthy+"\n")
		if output, ok := w.run(t, "wait-healthy.sh", "0", "1"); ok != want {
			t.Errorf("with %s healthy: succeeded: %t, want %t; it said:\n%s", healthy, ok, want, output)
		}
	}
}
