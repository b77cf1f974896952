// Package daemon is what the mains of both services share: subcommands, signals and exit
// codes. A main names its settings and its parts, and reads like a sentence:
//
//	func main() { os.Exit(daemon.Main(daemon.Daemon[config.Config]{Name: "detector", ...})) }
package daemon

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// Exit codes of a daemon.
const (
	ExitOK      = 0 // stopped as asked
	ExitFailure = 1 // failed while running, or not healthy
	ExitConfig  = 2 // the settings or the command line are wrong: a restart will not help
)

// Daemon describes one daemon whose settings are of type C. All fields are required.
type Daemon[C any] struct {
	// Name of the binary, in front of its messages.
	Name string
	// Load reads the settings, and returns warnings about them as sentences. Any error
	// ends the process with ExitConfig.
	Load func() (settings C, warnings []string, err error)
	// Run does the work until ctx ends, and returns nil when it stopped as asked. The cause
	// of ctx says why (a signal, by name).
	Run func(ctx context.Context, settings C, env Env) error
	// Describe renders the settings for people, with all that is secret left out.
	Describe func(settings C) string
	// Health says where this daemon answers, as host:port to dial, and which services of
	// grpc.health.v1 the healthcheck asks for by default.
	Health func(settings C) (address string, services []string)
}

// Env is what Run gets from the outside besides its settings.
type Env struct {
	Stdout   io.Writer
	Version  string   // as printed by the subcommand version
	Warnings []string // of Load; Run logs them
}

const usage = `usage: %[1]s [command]

commands:
  run          run the service; the same as no command
  config       print the settings in effect
  healthcheck  ask the running service whether it serves; names of health services may follow
  pause        do nothing until SIGTERM (to hold a network namespace)
  version      print the version
  help         print this text

Settings come from the environment. Exit codes: 0 stopped as asked, 1 failed or not
healthy, 2 wrong settings or command line.
`

// Main runs the subcommand that the command line names and returns the exit code.
func Main[C any](d Daemon[C]) int {
	return d.main(os.Args[1:], os.Stdout, os.Stderr)
}

func (d Daemon[C]) main(args []string, stdout, stderr io.Writer) int {
	command, rest := "run", []string(nil)
	if len(args) > 0 {
		command, rest = args[0], args[1:]
	}
	if len(rest) > 0 && command != "healthcheck" {
		return d.misused(stderr, fmt.Sprintf("%s takes no arguments, but got %q", command, strings.Join(rest, " ")))
	}
	switch command {
	case "run":
		return d.run(stdout, stderr)
	case "config":
		return d.config(stdout, stderr)
	case "healthcheck":
		return d.healthcheck(rest, stdout, stderr)
	case "pause":
		return d.pause(stdout)
	case "version", "-v", "--version":
		_, _ = fmt.Fprintf(stdout, "%s %s\n", d.Name, Version())
		return ExitOK
	case "help", "-h", "--help":
		_, _ = fmt.Fprintf(stdout, usage, d.Name)
		return ExitOK
	}
	return d.misused(stderr, fmt.Sprintf("unknown command %q", command))
}

func (d Daemon[C]) misused(stderr io.Writer, how string) int {
	_, _ = fmt.Fprintf(stderr, "%s: %s\n\n", d.Name, how)
	_, _ = fmt.Fprintf(stderr, usage, d.Name)
	return ExitConfig
}

func (d Daemon[C]) run(stdout, stderr io.Writer) int {
	settings, warnings, err := d.Load()
	if err != nil {
		return d.fail(stderr, ExitConfig, err)
	}
	beASidecar()
	ctx, release := untilSignal()
	defer release()
	err = d.Run(ctx, settings, Env{Stdout: stdout, Version: Version(), Warnings: warnings})
	if err == nil || ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return ExitOK
	}
	return d.fail(stderr, ExitFailure, err)
}

// pause needs no settings: it is started to exist.
func (d Daemon[C]) pause(stdout io.Writer) int {
	ctx, release := untilSignal()
	defer release()
	_, _ = fmt.Fprintf(stdout, "%s: pausing until SIGTERM\n", d.Name)
	<-ctx.Done()
	return ExitOK
}

func (d Daemon[C]) config(stdout, stderr io.Writer) int {
	settings, warnings, err := d.Load()
	if err != nil {
		return d.fail(stderr, ExitConfig, err)
	}
	for _, w := range warnings {
		_, _ = fmt.Fprintf(stderr, "%s: warning: %s\n", d.Name, w)
	}
	_, _ = fmt.Fprintln(stdout, strings.TrimRight(d.Describe(settings), "\n"))
	return ExitOK
}

func (d Daemon[C]) fail(stderr io.Writer, code int, err error) int {
	_, _ = fmt.Fprintf(stderr, "%s: %v\n", d.Name, err)
	return code
}
