package main

import (
	"strconv"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/detector/service"
	"github.com/swimpair/swim/internal/config"
	"github.com/swimpair/swim/proto/swim"
)

// orders are the values of SWIM_PROBE_ORDER.
var orders = map[string]probe.Order{"ring": probe.Ring, "shuffle": probe.Shuffle, "random": probe.Random}

// options translates the environment into what the service wants; the caller adds the
// listener and the log.
func options(cfg config.Config) service.Options {
	return service.Options{
		Cluster: cfg.Cluster,
		Probe: probe.Config{
			Self:           swim.NodeID(strconv.Itoa(cfg.NodeID)),
			ProbeInterval:  cfg.ProbeInterval,
			ProbeTimeout:   cfg.ProbeTimeout,
			IndirectProbes: cfg.IndirectProbes,
			Order:          orders[cfg.ProbeOrder],
		},
		Disseminator: swim.Address(cfg.DisseminatorDialAddr()),
		Quiet:        cfg.LogRPC == "changes",
	}
}
