package main

import (
	"context"
	"math/rand/v2"
	"net"
	"strconv"
	"strings"

	"github.com/swimpair/swim/disseminator/membership"
	"github.com/swimpair/swim/disseminator/service"
	"github.com/swimpair/swim/internal/config"
	"github.com/swimpair/swim/proto/swim"
)

// options translates the environment into what the service wants; the caller adds the
// listener and the log.
func options(ctx context.Context, cfg config.Config, version string) (service.Options, error) {
	host, own, err := config.AdvertiseHost(ctx, cfg, config.SystemLookups())
	if err != nil {
		return service.Options{}, err
	}
	self := swim.Member{
		ID:                  swim.NodeID(strconv.Itoa(cfg.NodeID)),
		Instance:            swim.Instance(rand.Uint64() | 1), // never zero
		DetectorAddress:     address(host, cfg.DetectorPort()),
		DisseminatorAddress: address(host, cfg.DisseminatorPort()),
		OwnAddress:          own,
		ProbeInterval:       cfg.ProbeInterval,
		Tags:                cfg.Tags,
		Zone:                cfg.Zone,
		Version:             shortVersion(version),
	}
	return service.Options{
		Cluster: cfg.Cluster,
		Membership: membership.Config{
			Self:      self,
			Contacts:  contacts(cfg.Members, self.DetectorAddress),
			Bootstrap: addresses(cfg.BootstrapAddresses),

			PauseTolerance: cfg.PauseTolerance,
			SuspicionMax:   cfg.SuspicionMax,
			PairGrace:      cfg.PairGrace,
			CrashVerdict:   cfg.CrashVerdict,
		},
	}, nil
}

// shortVersion is the version without the commit and the platform.
func shortVersion(version string) string {
	short, _, _ := strings.Cut(version, " ")
	return short
}

func address(host string, port int) swim.Address {
	return swim.Address(net.JoinHostPort(host, strconv.Itoa(port)))
}

// contacts are the members to meet; this node's own entry is none.
func contacts(members []string, own swim.Address) (all []swim.Address) {
	for _, m := range addresses(members) {
		if m != own {
			all = append(all, m)
		}
	}
	return all
}

func addresses(texts []string) []swim.Address {
	all := make([]swim.Address, len(texts))
	for i, text := range texts {
		all[i] = swim.Address(text)
	}
	return all
}
