package hst_test

import (
	"fmt"
	"math/rand/v2"

	"github.com/netlyra/netlyra/engine/hst"
)

// typical yields points of a stream: two features that are close to 0.5, and equal.
func typical(rnd *rand.Rand) []float64 {
	x := 0.5 + rnd.NormFloat64()/20
	return []float64{x, x}
}

// trained returns a forest that has learned n typical points.
func trained(n int) *hst.Forest {
	f, err := hst.New(hst.Config{Features: 2, Window: 128, Seed: 1})
	if err != nil {
		panic(err)
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for range n {
		f.Learn(typical(rnd))
	}
	return f
}

// A forest has no reference, and scores 0, before its first window is full.
func ExampleNew() {
	f, err := hst.New(hst.Config{Features: 2, Window: 128, Seed: 1})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(f.Config().Trees, "trees of depth", f.Config().Depth)
	fmt.Println("ready:", f.Ready(), "score:", f.Score([]float64{0.9, 0.1}))

	_, err = hst.New(hst.Config{Features: 2, Keep: 2})
	fmt.Println(err)
	// Output:
	// 25 trees of depth 8
	// ready: false score: 0
	// half-space trees: Keep is 2, want 0…0.95, and 0 in mode default
}

// Points are scored before they are learned. A point where the reference has little mass
// has a high score, in bits.
func ExampleForest_ScoreLearn() {
	f := trained(256)
	fmt.Println("ready:", f.Ready(), "windows:", f.Windows())
	fmt.Printf("typical point:   %+.1f bits\n", f.ScoreLearn([]float64{0.5, 0.5}))
	fmt.Printf("anomalous point: %+.1f bits\n", f.ScoreLearn([]float64{0.95, 0.5}))
	// Output:
	// ready: true windows: 2
	// typical point:   -6.7 bits
	// anomalous point: +3.3 bits
}

// Attribution shows which features made a point anomalous.
func ExampleForest_Attribute() {
	f := trained(256)
	bits := make([]float64, 2)
	f.Attribute([]float64{0.95, 0.5}, bits)
	fmt.Println("first feature more than second:", bits[0] > bits[1])
	// Output:
	// first feature more than second: true
}

// A snapshot restores a forest of the same configuration; the structure of the trees
// follows from the seed.
func ExampleForest_Restore() {
	f := trained(300)
	snapshot := f.AppendState(nil)

	g, err := hst.New(f.Config())
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := g.Restore(snapshot); err != nil {
		fmt.Println(err)
		return
	}
	x := []float64{0.3, 0.7}
	fmt.Println("same score:", f.Score(x) == g.Score(x), "pending points:", g.Pending())

	other, _ := hst.New(hst.Config{Features: 2, Window: 128, Seed: 2})
	_, err = other.Restore(snapshot)
	fmt.Println(err)
	// Output:
	// same score: true pending points: 44
	// half-space trees: snapshot has another configuration
}
