package virtual_test

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/swimpair/swim/tests/virtual"
)

var long = flag.Bool("long", false, "play the scripts that take a minute, too")

// tooLong are the steps that cost real services too much: hours, and a crowd that dials itself.
var tooLong = regexp.MustCompile(`(?m)^(run \d+h|crowd [3-9]\d)`)

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
			if step := tooLong.Find(script); step != nil && !*long {
				t.Skipf("%q takes a minute; play it with -long", step)
			}
			virtual.Run(t, func(net *virtual.Net) { net.Play(string(script)) })
		})
	}
}
