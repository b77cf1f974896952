package config

import (
	"os"
	"strings"

	"github.com/kelseyhightower/envconfig"
)

// environment is what envconfig fills: the text of every variable, nothing interpreted.
//
// The names are made of the field names, as NODE_ID and SWIM_PROBE_INTERVAL. No field has an
// envconfig tag: with one, envconfig would also read the name without its prefix (CLUSTER for
// SWIM_CLUSTER), and such names belong to other programs.
type environment struct {
	NodeID, Members, BootstrapAddress string `split_words:"true"`

	Swim struct {
		Cluster                                 string
		AdvertiseHost                           string `split_words:"true"`
		DetectorAddr, DisseminatorAddr          string `split_words:"true"`
		ProbeInterval, ProbeTimeout, ProbeOrder string `split_words:"true"`
		IndirectProbes                          string `split_words:"true"`
		PauseTolerance                          string `split_words:"true"`
		SuspicionMax                            string `split_words:"true"`
		PairGrace                               string `split_words:"true"`
		CrashVerdict                            string `split_words:"true"`
		TCPTuning                               string `split_words:"true"`
		LogLevel, LogFormat, LogRPC             string `split_words:"true"`
		Zone, Tags                              string
	}
}

// readEnvironment returns the known variables, and all variables that are set to something.
func readEnvironment() (environment, map[string]string, error) {
	var env environment
	if err := envconfig.Process("", &env); err != nil {
		return environment{}, nil, err
	}
	set := make(map[string]string)
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if strings.TrimSpace(value) != "" {
			set[name] = value
		}
	}
	return env, set, nil
}
