/** A file as text: gzip, then base64. */
declare module '*?packed' {
  const text: string;
  export default text;
}
