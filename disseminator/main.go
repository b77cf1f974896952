// Command disseminator owns the membership list of one node: it spreads news to all nodes,
// admits joiners, and serves the list to applications and to its own detector. Its
// settings come from the environment, see docs/CONFIG.md.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/swimpair/swim/disseminator/service"
	"github.com/swimpair/swim/internal/config"
	"github.com/swimpair/swim/internal/daemon"
	"github.com/swimpair/swim/internal/logging"
	"github.com/swimpair/swim/internal/rpc"
)

func main() {
	os.Exit(daemon.Main(daemon.Daemon[config.Config]{
		Name:     "disseminator",
		Load:     func() (config.Config, []string, error) { return config.Load(config.AskAtTerminal()) },
		Run:      run,
		Describe: config.Config.Describe,
		Health: func(cfg config.Config) (string, []string) {
			return cfg.DisseminatorDialAddr(), service.HealthServices
		},
	}))
}

func run(ctx context.Context, cfg config.Config, env daemon.Env) error {
	out := logging.NewAsync(env.Stdout)
	defer out.Sync() // whether or not anybody reads them
	log, err := logging.New(cfg.LogLevel, cfg.LogFormat, fmt.Sprintf("node%d-disseminator", cfg.NodeID), out)
	if err != nil {
		return err
	}
	for _, warning := range env.Warnings {
		log.Warn(warning)
	}
	opts, err := options(ctx, cfg, env.Version)
	if err != nil {
		return err
	}
	opts.Log = log
	if len(cfg.Members) == 0 && len(cfg.BootstrapAddresses) == 0 {
		log.Warn("this node knows nobody and waits to be found: neither MEMBERS nor BOOTSTRAP_ADDRESS is set")
	}
	tcp := rpc.TCP{Plain: !cfg.TCPTuning}
	opts.Dial = tcp.Dial
	if opts.Listener, err = tcp.Listen(ctx, cfg.DisseminatorAddr, log); err != nil {
		return err
	}
	return service.New(opts).Run(ctx)
}
