// Command bench (make bench) measures clusters of real processes on this machine: ours, and
// those of memberlist and serf under the same faults, one after the other. It prints tables,
// says which targets are met, and writes CSV files and pictures.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/swimpair/swim/tests/bench"
)

// The parts of docs that are written with -docs.
const (
	document = "docs/BENCHMARKS.md"
	pictures = "docs/benchmarks"
)

func main() {
	cfg, docs, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(2)
	}
	code, started, err := ownNetwork()
	if started && err == nil {
		os.Exit(code)
	}
	if err != nil {
		fmt.Printf("Packets and bytes are those of the whole machine's loopback: %v\n", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if err := run(ctx, cfg, docs); err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; all processes have been stopped")
		}
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(1)
	}
}

func parse(args []string) (cfg bench.Config, docs bool, err error) {
	cfg.Out = os.Stdout
	cfg.Sizes = []int{5, 20, 50, 100}
	cfg.Systems, cfg.Faults = bench.Systems, bench.Faults()
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.StringVar(&cfg.BinDir, "bin", "bin", "directory of the binaries")
	flags.StringVar(&cfg.Dir, "out", filepath.Join("run", "bench"), "directory for logs, CSV files and pictures")
	flags.Func("n", "numbers of nodes (default 5,20,50,100)", func(text string) (err error) {
		cfg.Sizes, err = numbers(text)
		return err
	})
	list(flags, &cfg.Systems, "systems", "systems")
	list(flags, &cfg.Faults, "faults", "faults")
	flags.IntVar(&cfg.Kills, "kills", 20, "how often one node, or half of it, is hit in each way")
	flags.IntVar(&cfg.Joins, "joins", 20, "how often a cluster starts all at once")
	flags.IntVar(&cfg.Together, "together", 64, "how many nodes start at once")
	flags.IntVar(&cfg.Rounds, "rounds", 3, "how often many nodes are killed at once, or starved")
	flags.DurationVar(&cfg.Rest, "rest", 20*time.Second, "how long a cluster at rest is measured")
	flags.DurationVar(&cfg.Starve, "starve", time.Minute, "how long nodes are starved")
	flags.Uint64Var(&cfg.Seed, "seed", 1, "of the choice of nodes")
	flags.BoolVar(&docs, "docs", false, "write tables and pictures into "+document+" and "+pictures)
	if err := flags.Parse(args); err != nil {
		return cfg, docs, err
	}
	return cfg, docs, cfg.Check()
}

func list(flags *flag.FlagSet, names *[]string, name, usage string) {
	all := strings.Join(*names, ",")
	flags.Func(name, fmt.Sprintf("%s (default %s)", usage, all), func(text string) error {
		*names = strings.Split(text, ",")
		return nil
	})
}

func numbers(text string) (all []int, err error) {
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(word)
		if err != nil {
			return nil, err
		}
		all = append(all, n)
	}
	return all, nil
}

// run the benchmark and show what it found, even if it was interrupted.
func run(ctx context.Context, cfg bench.Config, docs bool) error {
	if err := os.MkdirAll(cfg.Dir, 0o755); err != nil {
		return err
	}
	report, err := bench.Run(ctx, cfg)
	report.Command = "bin/bench " + strings.Join(os.Args[1:], " ")
	for _, table := range report.Tables() {
		if len(table.Rows) > 1 {
			err = errors.Join(err, table.Print(cfg.Out))
		}
	}
	for _, absent := range report.Absent {
		fmt.Fprintf(cfg.Out, "\nLEFT OUT  %s\n", absent)
	}
	err = errors.Join(err, report.WriteCSV(cfg.Dir), report.Draw(cfg.Dir))
	if err != nil || !docs {
		return err
	}
	return publish(report)
}

func publish(report bench.Report) error {
	text, err := os.ReadFile(document)
	if err != nil {
		return err
	}
	updated, err := bench.Document(string(text), report.Tables())
	if err != nil {
		return fmt.Errorf("%s: %w", document, err)
	}
	return errors.Join(os.WriteFile(document, []byte(updated), 0o644), report.Draw(pictures))
}
