package config

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// Describe lists every variable with the value that is in force, and its default.
func (c Config) Describe() string {
	values := c.values()
	return aligned(func(w *tabwriter.Writer) {
		fmt.Fprintln(w, "VARIABLE\tVALUE\tDEFAULT")
		for _, v := range variables {
			fmt.Fprintf(w, "%s\t%s\t%s\n", v.name, cmp.Or(values[v.name], "-"), cmp.Or(v.preset, v.otherwise))
		}
	})
}

// values are the texts that would make Load return c again.
func (c Config) values() map[string]string {
	var tags []string
	for _, key := range slices.Sorted(maps.Keys(c.Tags)) {
		tags = append(tags, key+"="+c.Tags[key])
	}
	return map[string]string{
		"NODE_ID":                strconv.Itoa(c.NodeID),
		"MEMBERS":                strings.Join(c.Members, ","),
		"BOOTSTRAP_ADDRESS":      strings.Join(c.BootstrapAddresses, ","),
		"SWIM_CLUSTER":           c.Cluster,
		"SWIM_ADVERTISE_HOST":    c.AdvertiseHost,
		"SWIM_DETECTOR_ADDR":     c.DetectorAddr,
		"SWIM_DISSEMINATOR_ADDR": c.DisseminatorAddr,
		"SWIM_PROBE_INTERVAL":    short(c.ProbeInterval),
		"SWIM_PROBE_TIMEOUT":     short(c.ProbeTimeout),
		"SWIM_PROBE_ORDER":       c.ProbeOrder,
		"SWIM_INDIRECT_PROBES":   strconv.Itoa(c.IndirectProbes),
		"SWIM_PAUSE_TOLERANCE":   short(c.PauseTolerance),
		"SWIM_SUSPICION_MAX":     short(c.SuspicionMax),
		"SWIM_PAIR_GRACE":        short(c.PairGrace),
		"SWIM_LOG_LEVEL":         c.LogLevel,
		"SWIM_LOG_FORMAT":        c.LogFormat,
		"SWIM_CRASH_VERDICT":     switchText(c.CrashVerdict),
		"SWIM_TCP_TUNING":        switchText(c.TCPTuning),
		"SWIM_LOG_RPC":           c.LogRPC,
		"SWIM_ZONE":              c.Zone,
		"SWIM_TAGS":              strings.Join(tags, ","),
	}
}

// Table lists every variable with its default, its limits and its meaning, for a terminal.
func Table() string {
	return aligned(func(w *tabwriter.Writer) {
		for _, v := range variables {
			fmt.Fprintf(w, "%s\tdefault: %s\n", v.name, cmp.Or(v.preset, v.otherwise))
			fmt.Fprintf(w, "\tlimits: %s\n", strings.ReplaceAll(v.limits, "`", ""))
			fmt.Fprintf(w, "\tread by: %s\n", v.readBy)
			for _, line := range wrap(strings.TrimSpace(v.meaning+" "+v.tradeOff), 72) {
				fmt.Fprintf(w, "\t%s\n", strings.ReplaceAll(line, "`", ""))
			}
		}
	})
}

func aligned(write func(*tabwriter.Writer)) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	write(w)
	w.Flush() // into a strings.Builder, which cannot fail
	return b.String()
}

// wrap breaks text into lines of at most width bytes, if its words let it.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		if line != "" && len(line)+1+len(word) > width {
			lines = append(lines, line)
			line = ""
		}
		line = strings.TrimPrefix(line+" "+word, " ")
	}
	return append(lines, line)
}

func switchText(value bool) string {
	if value {
		return on
	}
	return off
}
