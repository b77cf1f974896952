package sim_test

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/tests/sim"
)

// elsewhere are the events that no schedule brings about, and where they are tested.
var elsewhere = map[string]string{
	"detector contact_wrong": "needs a server that is no detector: tests/virtual",
}

// A branch of the protocol that no run reaches is a branch that no run checks: everything
// that a core can tell of happens sometimes.
func TestEverythingHappensSometimes(t *testing.T) {
	seen := map[string]uint64{}
	add := func(more map[string]uint64) {
		for name, count := range more {
			seen[name] += count
		}
	}
	for seed := uint64(1); seed <= 250; seed++ {
		add(sim.Run(seed, 5, sim.Safety, nil).Seen)
		add(sim.Run(seed, 5, sim.Liveness, nil).Seen)
	}
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		script, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		w := sim.New(1, io.Discard)
		if err := w.Play(string(script)); err != nil {
			t.Fatal(err)
		}
		add(w.Seen)
	}
	for _, name := range everyEvent() {
		why, excused := elsewhere[name]
		switch {
		case seen[name] == 0 && !excused:
			t.Errorf("never: %s", name)
		case seen[name] > 0 && excused:
			t.Errorf("it happens after all: %s, said to be tested elsewhere (%s)", name, why)
		}
	}
}

// everyEvent is read off the cores, so that a new kind cannot be forgotten.
func everyEvent() (names []string) {
	for kind := probe.EventKind(1); kind.String() != ""; kind++ {
		names = append(names, "detector "+kind.String())
	}
	for kind := membership.EventKind(1); kind.String() != ""; kind++ {
		names = append(names, "disseminator "+kind.String())
	}
	return names
}
