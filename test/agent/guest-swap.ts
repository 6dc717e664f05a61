/** A shell line that gives a guest 256 MiB of compressed swap, and fails where it is not there then. */
export const SWAP_ON =
  'echo 256M > /sys/block/zram0/disksize && mkswap /dev/zram0 > /dev/null && swapon /dev/zram0 && grep -q zram0 /proc/swaps';
