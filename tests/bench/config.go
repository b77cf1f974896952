package bench

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// The systems, by their names in flags and tables.
const (
	Ours       = "ours"
	Memberlist = "memberlist"
	Serf       = "serf"
)

// Systems are all of them, in the order of tables.
var Systems = []string{Ours, Memberlist, Serf}

// Config of a benchmark.
type Config struct {
	BinDir string // of the binaries of all systems
	Dir    string // gets logs, CSV files and pictures
	// Sizes are numbers of nodes; each has its own clusters.
	Sizes           []int
	Systems, Faults []string
	// Kills is how often a single node is hit in each way, Joins how often a cluster of
	// Together nodes starts at once, Rounds how often each fault of many nodes is played.
	Kills, Joins, Rounds int
	Together             int
	// Rest is how long a cluster at rest is measured, Starve how long nodes are starved.
	Rest, Starve time.Duration
	Seed         uint64    // of which nodes are hit
	Out          io.Writer // is told of the progress
}

// Check that the words and numbers mean something.
func (c Config) Check() error {
	if err := known("system", c.Systems, Systems); err != nil {
		return err
	}
	if err := known("fault", c.Faults, Faults()); err != nil {
		return err
	}
	const most = 250 // addresses of a loopback network
	for _, n := range append([]int{c.Together}, c.Sizes...) {
		if n < 3 || n > most {
			return fmt.Errorf("a cluster of %d nodes is not possible here, 3 to %d are", n, most)
		}
	}
	if min(c.Kills, c.Joins, c.Rounds) < 1 || min(c.Rest, c.Starve) < time.Second {
		return errors.New("everything is done at least once, and measured for at least a second")
	}
	return nil
}

func known(kind string, names, all []string) error {
	for _, name := range names {
		if !slices.Contains(all, name) {
			return fmt.Errorf("there is no %s %q, but %s", kind, name, strings.Join(all, ", "))
		}
	}
	return nil
}

func (c Config) logDir(system string) string { return filepath.Join(c.Dir, "logs", system) }

func (c Config) say(format string, args ...any) {
	fmt.Fprintf(c.Out, "%s  "+format+"\n", append([]any{time.Now().Format(time.TimeOnly)}, args...)...)
}
