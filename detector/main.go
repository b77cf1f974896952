// Command detector is the failure detector of one node: every protocol period it pings
// one member, asks others to ping it when no answer comes, and tells its disseminator who
// cannot be reached. Its settings come from the environment, see docs/CONFIG.md.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/swimpair/swim/detector/service"
	"github.com/swimpair/swim/internal/config"
	"github.com/swimpair/swim/internal/daemon"
	"github.com/swimpair/swim/internal/logging"
	"github.com/swimpair/swim/internal/rpc"
)

func main() {
	os.Exit(daemon.Main(daemon.Daemon[config.Config]{
		Name:     "detector",
		Load:     func() (config.Config, []string, error) { return config.Load(config.AskAtTerminal()) },
		Run:      run,
		Describe: config.Config.Describe,
		Health: func(cfg config.Config) (string, []string) {
			return cfg.DetectorDialAddr(), service.HealthServices
		},
	}))
}

func run(ctx context.Context, cfg config.Config, env daemon.Env) error {
	out := logging.NewAsync(env.Stdout)
	defer out.Sync() // whether or not anybody reads them
	log, err := logging.New(cfg.LogLevel, cfg.LogFormat, fmt.Sprintf("node%d-detector", cfg.NodeID), out)
	if err != nil {
		return err
	}
	for _, warning := range env.Warnings {
		log.Warn(warning)
	}
	opts := options(cfg)
	opts.Log = log
	tcp := rpc.TCP{Plain: !cfg.TCPTuning}
	opts.Dial = tcp.Dial
	if opts.Listener, err = tcp.Listen(ctx, cfg.DetectorAddr, log); err != nil {
		return err
	}
	return service.New(opts).Run(ctx)
}
