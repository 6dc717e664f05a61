/** The package ships no types; this is the part that is used. */
declare module 'asciichart' {
  type Settings = {
    height: number;
    min: number;
    max: number;
    offset: number;
    format: (value: number) => string;
  };
  const asciichart: {plot: (series: number[], settings: Settings) => string};
  export default asciichart;
}
