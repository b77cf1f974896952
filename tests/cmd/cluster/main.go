// Command cluster (make cluster) runs five pairs on this machine and shows what each of them
// thinks of the others until Ctrl-C, which stops all ten processes.
//
// On a terminal it draws a table in place; elsewhere it prints one line per change.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/term"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/cluster"
)

const pairs = 5

func main() {
	binDir := flag.String("bin", "bin", "directory of the binaries")
	logDir := flag.String("logs", filepath.Join("run", "cluster"), "directory of the logs, one file per service")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, *binDir, *logDir, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run the cluster until the context ends, then stop it; nothing is left when it returns.
func run(ctx context.Context, binDir, logDir string, stdout *os.File) error {
	c, err := cluster.New(cluster.Config{BinDir: binDir, LogDir: logDir, Host: cluster.SharedHost("127.0.0.1")})
	if err != nil {
		return err
	}
	var members []string
	for id := 1; id <= pairs; id++ {
		members = append(members, fmt.Sprintf("localhost:%d", 50050+id))
	}
	for id := 1; id <= pairs; id++ {
		c.Add(id, "MEMBERS="+strings.Join(members, ","))
	}
	if err := c.CheckPorts(ctx); err != nil {
		return fmt.Errorf("%w\nNothing was started. Is another cluster running?", err)
	}
	err = show(ctx, c, newDisplay(stdout, binDir, logDir))
	fmt.Fprintf(stdout, "\nStopping %d of %d processes ...\n", running(pairsOf(c)), 2*pairs)
	if closeErr := c.Close(); closeErr != nil {
		return closeErr
	}
	fmt.Fprintf(stdout, "All have ended. Their logs are in %s.\n", logDir)
	return err
}

// display is what show draws on.
type display interface {
	// event adds a line about something that happened.
	event(at time.Time, text string)
	// refresh shows how things are.
	refresh(c *cluster.Cluster, now time.Time)
}

// event is a line on its way to the display.
type event struct {
	at   time.Time
	text string
}

// show starts the nodes and keeps the display up to date until the context ends.
func show(ctx context.Context, c *cluster.Cluster, d display) error {
	events := make(chan event)
	for _, n := range c.Nodes() {
		if err := n.Start(); err != nil {
			return err
		}
		if err := c.Watch(n); err != nil {
			return err
		}
		go sendEnd(ctx, n.Detector, events)
		go sendEnd(ctx, n.Disseminator, events)
	}
	go sendChanges(ctx, c, events)
	ticker := time.NewTicker(250 * time.Millisecond)
	defer ticker.Stop()
	for {
		select {
		case e := <-events:
			d.event(e.at, e.text)
		case now := <-ticker.C:
			d.refresh(c, now)
		case <-ctx.Done():
			return nil
		}
	}
}

func sendChanges(ctx context.Context, c *cluster.Cluster, events chan<- event) {
	for seen := 0; ; {
		changes, err := c.Next(ctx, seen)
		if err != nil {
			return // the context has ended
		}
		seen += len(changes)
		for _, change := range changes {
			// Contacts are on the table while they last; as events they would be ten times
			// as many as the rest.
			if change.News() && change.Member.State != swim.Contact {
				send(ctx, events, event{change.At, change.String()})
			}
		}
	}
}

// sendEnd reports when a process ends before its time.
func sendEnd(ctx context.Context, p *cluster.Process, events chan<- event) {
	select {
	case <-p.Done():
	case <-ctx.Done():
		return
	}
	send(ctx, events, event{time.Now(), ending(p.Name, p.ExitCode(), p.LastLines(1))})
}

// ending says how a process ended; one that failed has said why in its last line.
func ending(name string, exitCode int, lastLine string) string {
	switch {
	case exitCode < 0:
		return name + " was killed"
	case exitCode == 0:
		return name + " has stopped as asked, with exit code 0"
	}
	return fmt.Sprintf("%s has ended with exit code %d: %s", name, exitCode, lastLine)
}

func send(ctx context.Context, events chan<- event, e event) {
	select {
	case events <- e:
	case <-ctx.Done():
	}
}

// newDisplay is a screen on a terminal, lines elsewhere.
func newDisplay(stdout *os.File, binDir, logDir string) display {
	fd := int(stdout.Fd())
	if !term.IsTerminal(fd) {
		fmt.Fprintf(stdout, "Starting %d pairs. Logs: %s\n", pairs, logDir)
		return lines{stdout}
	}
	return &screen{
		out:    stdout,
		size:   func() (width, height int, err error) { return term.GetSize(fd) },
		colour: os.Getenv("NO_COLOR") == "",
		binDir: binDir,
		logDir: logDir,
	}
}

// lines is the display without a terminal.
type lines struct{ out io.Writer }

func (l lines) event(at time.Time, text string) {
	fmt.Fprintf(l.out, "%s  %s\n", at.Format(clock), text)
}

func (l lines) refresh(*cluster.Cluster, time.Time) {}

// clock is how times of the day are shown.
const clock = "15:04:05.000"
