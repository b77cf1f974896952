// Command demo (make demo) tells the story of a cluster with real processes and nobody's hands:
// five pairs find each other, one is killed and found out, comes back, a sixth joins, one
// says goodbye. It prints what happened with measured times, and exits with 0 only if each
// step really happened.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/swimpair/swim/tests/cluster"
)

// budget is the time of the whole story, with a wait for ports that connections hold; each
// step also has its own. Without the wait it takes some ten seconds.
const budget = 2 * time.Minute

func main() {
	binDir := flag.String("bin", "bin", "directory of the binaries")
	logDir := flag.String("logs", filepath.Join("run", "demo"), "directory of the logs, one file per service")
	csv := flag.String("csv", "", "also write the figures to this file, as run,name,value,unit")
	runs := flag.Int("runs", 1, "how often to play the story; more than once plays it silently")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *binDir, *logDir, *csv, *runs, os.Stdout)
	if err != nil && ctx.Err() != nil {
		err = errors.New("interrupted; all processes have been stopped")
	}
	stop()
	if err != nil {
		fmt.Fprintf(os.Stderr, "demo: %v\nThe logs are in %s.\n", err, *logDir)
		os.Exit(1)
	}
}

// run plays the story so many times and prints the figures.
func run(ctx context.Context, binDir, logDir, csv string, runs int, out io.Writer) error {
	var all figures
	for i := range runs {
		told := out
		if runs > 1 {
			told = io.Discard
			fmt.Fprintf(out, "run %d of %d\n", i+1, runs)
		}
		if err := play(ctx, binDir, logDir, &all, told); err != nil {
			return err
		}
	}
	all.print(out)
	if csv == "" {
		return nil
	}
	return all.writeCSV(csv)
}

// play tells the story once, adds to the figures, and stops whatever it started.
func play(ctx context.Context, binDir, logDir string, all *figures, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	c, err := cluster.New(cluster.Config{
		BinDir: binDir,
		LogDir: logDir,
		Host:   cluster.SharedHost("127.0.0.1"),
		Env:    []string{"SWIM_LOG_FORMAT=json"}, // the trace is read from the logs
	})
	if err != nil {
		return err
	}
	s := &story{Cluster: c, out: out, figures: all}
	err = s.tell(ctx)
	closeErr := c.Close()
	if err != nil {
		return err
	}
	if closeErr != nil {
		return fmt.Errorf("the processes did not stop as asked: %w", closeErr)
	}
	s.say("All processes have stopped as asked. The logs are in %s.", logDir)
	return nil
}
