package paper

import (
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

var (
	full = flag.Bool("paper", false, "run the experiments in full, and print their tables")
	out  = flag.String("paper.out", "", "write each table to a CSV file in this directory")
	docs = flag.String("paper.docs", "", "write the tables into this document, between their marks")
)

// scale is how often an experiment is repeated: once or twice only, unless in full.
func scale(repetitions int) int {
	if *full {
		return repetitions
	}
	return min(repetitions, 2)
}

// with runs a part of an experiment on a fresh cluster of each system, in its own bubble of
// virtual time.
func with(t *testing.T, n int, seed uint64, part func(s system)) {
	t.Helper()
	for _, make := range makers {
		synctest.Test(t, func(t *testing.T) {
			s, err := make(n, seed)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			part(s)
		})
	}
}

// publish prints a table, and writes it where it was asked for.
func publish(t *testing.T, name string, rows [][]string) {
	t.Helper()
	var b strings.Builder
	for i, row := range rows {
		fmt.Fprintf(&b, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|%s\n", strings.Repeat("---|", len(row)))
		}
	}
	t.Logf("%s\n%s", name, b.String())
	if *out != "" {
		file, err := os.Create(filepath.Join(*out, name+".csv"))
		if err != nil {
			t.Fatal(err)
		}
		defer file.Close()
		if err := csv.NewWriter(file).WriteAll(rows); err != nil {
			t.Fatal(err)
		}
	}
	if *docs != "" {
		document(t, name, b.String())
	}
}

func document(t *testing.T, name, table string) {
	t.Helper()
	text, err := os.ReadFile(*docs)
	if err != nil {
		t.Fatal(err)
	}
	begin, end := "<!-- sim-paper:begin "+name+" -->\n", "<!-- sim-paper:end "+name+" -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatalf("%s has no place marked %s", *docs, name)
	}
	if err := os.WriteFile(*docs, []byte(head+begin+table+end+tail), 0o644); err != nil {
		t.Fatal(err)
	}
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func median(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[len(all)/2]
}

func TestDetectionOfASilentNode(t *testing.T) {
	rows := [][]string{{"nodes", "system", "runs", "first says failed, median", "last, median", "last, worst"}}
	for _, n := range []int{3, 5, 20, 50} {
		if !*full && n > 5 {
			continue
		}
		firsts, lasts := map[string][]time.Duration{}, map[string][]time.Duration{}
		for seed := range uint64(scale(20)) {
			with(t, n, seed+1, func(s system) {
				first, last, all := detection(s, n)
				if !all {
					t.Errorf("%s, n=%d, seed %d: not everybody knows after 40 s", s.name(), n, seed+1)
				}
				firsts[s.name()] = append(firsts[s.name()], first)
				lasts[s.name()] = append(lasts[s.name()], last)
			})
		}
		for _, name := range []string{"swim", "memberlist"} {
			rows = append(rows, []string{fmt.Sprint(n), name, fmt.Sprint(len(lasts[name])),
				seconds(median(firsts[name])), seconds(median(lasts[name])), seconds(slices.Max(lasts[name]))})
		}
	}
	publish(t, "detection", rows)
}

func TestPauseSweep(t *testing.T) {
	const n = 5
	rows := [][]string{{"pause", "swim: runs in which it is failed", "memberlist", "runs"}}
	for _, pause := range []time.Duration{500, 1000, 1500, 2000, 2500, 3000, 4000, 6000, 8000} {
		pause *= time.Millisecond
		failed := map[string]int{}
		runs := scale(40)
		for seed := range uint64(runs) {
			with(t, n, seed+1, func(s system) {
				bad, wrong := pauseFails(s, n, pause)
				if bad {
					failed[s.name()]++
				}
				if s.name() == "swim" && (wrong > 0 || (bad && pause <= time.Second)) {
					t.Errorf("pause of %s, seed %d: failed %t, %d wrong words about others", pause, seed+1, bad, wrong)
				}
			})
		}
		rows = append(rows, []string{pause.String(), fmt.Sprint(failed["swim"]), fmt.Sprint(failed["memberlist"]), fmt.Sprint(runs)})
	}
	publish(t, "pauses", rows)
}

func TestSmallClustersWithOneStarvedNode(t *testing.T) {
	rows := [][]string{{"nodes", "system", "runs", "healthy failed by healthy", "healthy failed by the starved one", "starved one failed"}}
	for _, n := range []int{2, 3, 5} {
		total := map[string]*verdicts{"swim": {}, "memberlist": {}}
		runs := scale(100)
		for seed := range uint64(runs) {
			with(t, n, seed+1, func(s system) {
				v, sum := oneStarved(s, n), total[s.name()]
				sum.aboutHealthyByHealthy += v.aboutHealthyByHealthy
				sum.aboutHealthyBySick += v.aboutHealthyBySick
				sum.aboutSick += v.aboutSick
				if s.name() == "swim" && v.aboutHealthyByHealthy > 0 {
					t.Errorf("n=%d, seed %d: a healthy node says that a healthy one has failed", n, seed+1)
				}
			})
		}
		for _, name := range []string{"swim", "memberlist"} {
			v := total[name]
			rows = append(rows, []string{fmt.Sprint(n), name, fmt.Sprint(runs),
				fmt.Sprint(v.aboutHealthyByHealthy), fmt.Sprint(v.aboutHealthyBySick), fmt.Sprint(v.aboutSick)})
		}
	}
	publish(t, "starved", rows)
}

func TestLifeguardsIntervals(t *testing.T) {
	n := 32
	rows := [][]string{{"sick nodes C", "sick for D", "well for I", "system", "healthy failed by healthy (FP-)", "healthy failed, in all (FP)", "sick failed"}}
	sum := map[string]int{}
	for _, c := range []int{1, 4, 8, 16} {
		for _, d := range []time.Duration{1024, 4096, 16384} {
			for _, i := range []time.Duration{64, 1024, 4096} {
				if !*full && (c > 1 || i != 1024) {
					continue
				}
				d, i := d*time.Millisecond, i*time.Millisecond
				with(t, n, 1, func(s system) {
					v := interval(s, c, d, i)
					sum[s.name()] += v.aboutHealthyByHealthy
					rows = append(rows, []string{fmt.Sprint(c), d.String(), i.String(), s.name(), fmt.Sprint(v.aboutHealthyByHealthy),
						fmt.Sprint(v.aboutHealthyByHealthy + v.aboutHealthyBySick), fmt.Sprint(v.aboutSick)})
				})
			}
		}
	}
	rows = append(rows, []string{"sum", "", "", "swim", fmt.Sprint(sum["swim"]), "", ""}, []string{"sum", "", "", "memberlist", fmt.Sprint(sum["memberlist"]), "", ""})
	publish(t, "intervals", rows)
}
