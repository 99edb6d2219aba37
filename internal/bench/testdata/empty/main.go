// Command empty does nothing: how long does a process take that only starts?
package main

func main() {}
