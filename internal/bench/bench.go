// Package bench measures what the project claims about its speed.
//
// It has no code, only tests, under the build tag bench. `make bench` builds them, runs them, and prints one table: each
// figure with its goal, and where a machine's speed matters, with what it is compared with in the same run. What a call
// costs is AWS's to say, so that calls are counted rather than timed wherever that tells the cost better.
//
//	make bench                      all of it, in less than ten minutes
//	make bench BENCH=ingest-calls   one benchmark
//	make bench FORMAT=json          as JSON; or FORMAT=markdown, as the README quotes it
//
// It exits with 1 when a goal was missed. Programs that vend is compared with stand in testdata.
package bench
