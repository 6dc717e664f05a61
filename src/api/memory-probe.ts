// Generated from crds/ by `make generate`. Do not edit.

/**
 * A MemoryProbe asks one question about one container: is its resident memory a leak, or memory that the kernel could take back whenever it needed it? The answer, with its evidence, is written into status.
 */
export interface MemoryProbeBody {
  /**
   * The version of the schema of this object.
   */
  apiVersion?: string;
  /**
   * The kind of this object.
   */
  kind?: string;
  /**
   * What to look at, how hard to press, and what counts. Immutable; a new look is a new probe.
   */
  spec: {
    /**
     * The container to look at, always in the probe's own namespace.
     */
    target: {
      /**
       * Name of the target pod.
       */
      podName?: string;
      /**
       * Labels of the target pod; the oldest Ready pod that matches is looked at.
       */
      selector?: {
        /**
         * Labels that the target pod has, all of them.
         */
        matchLabels: {
          [k: string]: string;
        };
      };
      /**
       * Name of the container. Default: the pod's annotation kubectl.kubernetes.io/default-container, else its only container.
       */
      container?: string;
    };
    /**
     * How the kernel is made to need memory.
     */
    pressure: {
      /**
       * Who feels the pressure. Pod: only the target's pod. Node: everybody on its node, until its floor (guards.minNodeAvailable) is reached; page cache of anybody goes with what the target freed. Node needs method Balloon, an administrator who allows it (chart value nodeScope.allowed), the verb squeeze-node on memoryprobes, and the annotation memoryprobe.dev/requested-by with the name of the user who asks.
       */
      scope: 'Pod' | 'Node';
      /**
       * Balloon: a balloon is inflated beside the target until the kernel takes pages back. Reclaim: the kernel is asked to reclaim from the target's container alone, protected memory too; cgroup v2 needs Linux 5.19 for it. Observe: no pressure, the estimate alone; it never ends in a verdict.
       */
      method: 'Balloon' | 'Reclaim' | 'Observe';
      /**
       * Largest step of the balloon, 1Mi to 1Gi. Smaller steps are used where little is left to take. Method Reclaim: most that is asked for at once.
       */
      stepSize: number | string;
      /**
       * Time between the starts of two steps, in milliseconds.
       */
      stepIntervalMilliseconds: number;
      /**
       * Hard cap of the balloon, 1Mi to 16Ti. Default: what is takeable plus one step and 16 MiB; with scope Node what the node has above its floor. Method Reclaim: most that is asked for in all; default: no cap.
       */
      maxSize?: number | string;
      /**
       * How long the floor is watched after the squeeze, in seconds; should cover one period of a sawtooth. With one round three reads that agree end it earlier; with more it goes on, for two more and 10 s at most, where the machine was so busy that no valley was seen in time.
       */
      holdSeconds: number;
    };
    /**
     * Squeeze again and compare the floors. A leak without expectedSize needs 8 rounds or more.
     */
    rounds: {
      /**
       * Number of squeezes: 1 shows what is reclaimable, 8 for a gate, 12 and more for a soak.
       */
      count: number;
      /**
       * Time between the starts of two squeezes, in seconds.
       */
      intervalSeconds: number;
      /**
       * End as soon as a leak is certain (total error still at most 1 %), after two thirds of the rounds at the earliest.
       */
      stopEarly: boolean;
    };
    /**
     * What counts as a leak, as reclaimable and as idle.
     */
    criteria: {
      /**
       * anon + swap that a healthy target needs, 0 to 16Ti. A floor above it is a leak.
       */
      expectedSize?: number | string;
      /**
       * Share of the baseline that must have been reclaimable for the verdict Reclaimable, in percent.
       */
      minReclaimedPercent: number;
      /**
       * Smallest total growth of the floor over all rounds that can be a leak, 0 to 16Ti.
       */
      minGrowth: number | string;
      /**
       * Held memory that was not touched for so many seconds counts as idle; 0 switches the look off.
       */
      idleSeconds: number;
      /**
       * Share of the held memory that must be idle for the reason HeldIdle, in percent.
       */
      minIdlePercent: number;
    };
    /**
     * When to let go at once.
     */
    guards: {
      /**
       * Memory of the node that must stay available: a quantity up to 16Ti or a percentage of the node's memory (0% to 90%). Never below the kubelet's eviction threshold plus a margin.
       */
      minNodeAvailable: number | string;
      /**
       * Share of the last 500 ms that the target's container stalled on memory (PSI some) above which the balloon lets go, in percent.
       */
      maxPressurePercent: number;
      /**
       * Page cache that a squeeze may take, 0 to 16Ti: from the target's pod, or with scope Node from the whole node.
       */
      maxCacheReclaimed: number | string;
      /**
       * Longest life of the probe from the first touch, in seconds; waiting for the node's turn does not count. An administrator may allow less than the schema (chart value budgets.maxDeadlineSeconds).
       */
      deadlineSeconds: number;
    };
    /**
     * Deletes the MemoryProbe so many seconds after it completed. Unset, it is kept.
     */
    ttlSecondsAfterFinished?: number;
  };
  /**
   * What was found. Written by the operator alone.
   */
  status?: {
    /**
     * The generation of the spec that this status is about.
     */
    observedGeneration?: number;
    /**
     * When the operator first saw the probe.
     */
    startTime?: string;
    /**
     * When the verdict was written.
     */
    completionTime?: string;
    /**
     * Derived from the conditions, for the eye only.
     */
    phase?: 'Pending' | 'Waiting' | 'Running' | 'Complete';
    /**
     * The outcome.
     */
    verdict?: 'Reclaimable' | 'Leak' | 'Held' | 'Inconclusive';
    /**
     * The rule that decided; see docs/verdict.md.
     */
    reason?: string;
    /**
     * One sentence with the numbers.
     */
    message?: string;
    /**
     * Complete, Passed, Ready, Reconciling and Stalled, with kstatus semantics.
     *
     * @maxItems undefined
     *
     * Items: One observation of the probe's state, as in metav1.Condition.
     */
    conditions?: {
      /**
       * Name of the condition.
       */
      type: string;
      /**
       * Whether it holds.
       */
      status: 'True' | 'False' | 'Unknown';
      /**
       * Why it has this status.
       */
      reason: string;
      /**
       * The same for people.
       */
      message: string;
      /**
       * When the status last changed.
       */
      lastTransitionTime: string;
      /**
       * The generation that this condition is about.
       */
      observedGeneration?: number;
    }[];
    /**
     * The two numbers of the printed columns.
     */
    summary?: {
      /**
       * anon + swap before the squeeze, rounded.
       */
      baseline?: string;
      /**
       * anon + swap - LazyFree after it, rounded.
       */
      floor?: string;
    };
    /**
     * The one container that this probe is about.
     */
    target?: {
      /**
       * Name of the pod.
       */
      podName?: string;
      /**
       * Its uid; another pod of the same name is another target.
       */
      podUID?: string;
      /**
       * Name of the container.
       */
      container?: string;
      /**
       * Its id, with the runtime's prefix.
       */
      containerID?: string;
      /**
       * The node that it runs on.
       */
      nodeName?: string;
    };
    /**
     * Where a running probe is. Rarely written; nothing depends on it.
     */
    progress?: {
      /**
       * Scheduling, Starting or Squeezing.
       */
      phase?: string;
      /**
       * The round under way.
       */
      round?: number;
      /**
       * The step under way.
       */
      step?: number;
      /**
       * Size of the balloon in bytes.
       */
      inflatedBytes?: number;
      /**
       * anon + swap of the target in bytes.
       */
      currentBytes?: number;
    };
    /**
     * What was measured. A field that is absent was not measured; absent is not zero.
     */
    evidence?: {
      /**
       * Least anon + swap of the target's container over one second before the squeeze.
       */
      baselineBytes?: number;
      /**
       * Least anon + swap - LazyFree during the hold after the squeeze.
       */
      floorBytes?: number;
      /**
       * baseline - floor, not below 0.
       */
      reclaimedBytes?: number;
      /**
       * Lazily freed bytes predicted before any pressure.
       */
      lazyFreeBytes?: {
        /**
         * Sum of LazyFree in smaps (clean pages only).
         */
        min?: number;
        /**
         * anon + shmem - active_anon - inactive_anon (the list identity).
         */
        max?: number;
      };
      /**
       * Lazily freed bytes that the kernel says it took back.
       */
      lazyFreedBytes?: number;
      /**
       * Bytes that the program itself gave back during the squeeze and left given back (cgroup v2 only).
       */
      returnedBytes?: number;
      /**
       * What pressure could have taken before the squeeze: from the target's pod, with method Reclaim from its container, with scope Node of what the target freed lazily.
       */
      takeableBytes?: number;
      /**
       * Page cache that the squeeze took: from the target's pod, with method Reclaim from its container, with scope Node from the whole node.
       */
      fileReclaimedBytes?: number;
      /**
       * Page cache of the same that was read back during the squeeze.
       */
      refaultedBytes?: number;
      /**
       * Memory of the target that went to swap during the squeeze.
       */
      swappedBytes?: number;
      /**
       * Fall of anon that neither lazy free nor swap explains.
       */
      unexplainedBytes?: number;
      /**
       * What the target allocated during the squeeze.
       */
      allocatedBytes?: number;
      /**
       * Held anonymous bytes that were not touched for idleSeconds.
       */
      idleBytes?: number;
      /**
       * Effective memory.min or memory.low of the target.
       */
      protectedBytes?: number;
      /**
       * Page cache of the target's container before the squeeze.
       */
      fileBytes?: number;
      /**
       * Shared memory and tmpfs of the target's container before the squeeze.
       */
      shmemBytes?: number;
      /**
       * Unreclaimable kernel memory of the target's container before the squeeze.
       */
      kernelBytes?: number;
      /**
       * Memory that cannot be taken (mlock) before the squeeze.
       */
      unevictableBytes?: number;
      /**
       * Largest size of the balloon; absent with method Reclaim.
       */
      inflatedBytes?: number;
      /**
       * Steps of the squeeze.
       */
      steps?: number;
      /**
       * Why the squeeze ended. Only Exhausted makes a floor.
       */
      stopCause?: 'Exhausted' | 'Cap' | 'Guard' | 'Stalled' | 'Swap';
      /**
       * The guard that tripped, by its field in spec.guards.
       */
      stopGuard?: string;
      /**
       * How often the boundary acted: memory.events high and max and pgscan on v2, failcnt and shrinks of the limit on v1. With scope Node of the whole node.
       */
      boundaryEvents?: number;
      /**
       * Largest share of 500 ms that the target stalled on memory.
       */
      peakPressurePercent?: number;
      /**
       * What the counters may be off by.
       */
      epsilonBytes?: number;
      /**
       * Age of the target's container at the baseline.
       */
      targetAgeSeconds?: number;
      /**
       * Version of the memory controller.
       */
      cgroupVersion?: number;
      /**
       * Release of the node's kernel.
       */
      kernelVersion?: string;
      /**
       * Sen's slope of the floors.
       */
      growthBytesPerHour?: number;
      /**
       * The smallest growth that these rounds could have seen.
       */
      detectableBytesPerHour?: number;
      /**
       * Most of what khugepaged may have added to the floors from the first round to the last.
       */
      hugePageFillBytes?: number;
      /**
       * One entry a round.
       *
       * @maxItems undefined
       *
       * Items: What one squeeze left.
       */
      rounds?: {
        /**
         * Floor of this round.
         */
        floorBytes: number;
        /**
         * Reclaimed in this round.
         */
        reclaimedBytes: number;
        /**
         * Shared memory after this round.
         */
        shmemBytes?: number;
        /**
         * Unreclaimable kernel memory after this round.
         */
        kernelBytes?: number;
        /**
         * Fall of anon that nothing explains in this round.
         */
        unexplainedBytes?: number;
        /**
         * Why this round ended.
         */
        stopCause: 'Exhausted' | 'Cap' | 'Guard' | 'Stalled' | 'Swap';
        /**
         * When the floor was reached.
         */
        time: string;
      }[];
      /**
       * The picture of the proof: the target's anon + swap against the size of the balloon.
       *
       * @maxItems undefined
       *
       * Items: One point of the curve.
       */
      curve?: {
        /**
         * Size of the balloon; with method Reclaim what the kernel was asked for so far.
         */
        inflatedBytes: number;
        /**
         * anon + swap of the target's container.
         */
        targetBytes: number;
      }[];
    };
  };
}
